package io.sluice.target.iscsi.login;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/** The kinds of negotiation of RFC 7143 sections 6.2 and 13. */
final class KeyRules {
    static final String YES = "Yes";
    static final String NO = "No";
    static final String REJECT = "Reject";
    static final String NOT_UNDERSTOOD = "NotUnderstood";
    static final String IRRELEVANT = "Irrelevant";
    static final String NONE = "None";
    static final String CRC32C = "CRC32C";

    private static final int HEXADECIMAL = 16;

    private KeyRules() {}

    /** Yes when one side says Yes. */
    static KeyRule or(Predicate<NegotiationSettings> ours) {
        return (offered, settings) -> isBoolean(offered)
                ? KeyAnswer.agreed(offered.equals(YES) || ours.test(settings) ? YES : NO)
                : KeyAnswer.onlyReply(REJECT);
    }

    /** Yes when both sides say Yes. */
    static KeyRule and(Predicate<NegotiationSettings> ours) {
        return (offered, settings) -> isBoolean(offered)
                ? KeyAnswer.agreed(offered.equals(YES) && ours.test(settings) ? YES : NO)
                : KeyAnswer.onlyReply(REJECT);
    }

    /** The smaller number. */
    static KeyRule minimum(long low, long high, ToIntFunction<NegotiationSettings> ours) {
        return (offered, settings) -> {
            OptionalLong value = number(offered, low, high);
            return value.isEmpty()
                    ? KeyAnswer.onlyReply(REJECT)
                    : KeyAnswer.agreed(Long.toString(Math.min(value.getAsLong(), ours.applyAsInt(settings))));
        };
    }

    /** The larger number. */
    static KeyRule maximum(long low, long high, ToIntFunction<NegotiationSettings> ours) {
        return (offered, settings) -> {
            OptionalLong value = number(offered, low, high);
            return value.isEmpty()
                    ? KeyAnswer.onlyReply(REJECT)
                    : KeyAnswer.agreed(Long.toString(Math.max(value.getAsLong(), ours.applyAsInt(settings))));
        };
    }

    /** A number the other side states for itself. */
    static KeyRule declaredNumber(long low, long high) {
        return (offered, settings) -> {
            OptionalLong value = number(offered, low, high);
            return value.isEmpty() ? KeyAnswer.onlyReply(REJECT) : KeyAnswer.declared(Long.toString(value.getAsLong()));
        };
    }

    /** A statement that changes nothing here. */
    static KeyRule declared() {
        return (offered, settings) -> KeyAnswer.none();
    }

    /** Always the same answer. */
    static KeyRule constant(String reply) {
        return (offered, settings) -> KeyAnswer.onlyReply(reply);
    }

    /** The first of the offered values that we take, in the initiator's order. */
    static KeyRule firstKnown(List<String> known) {
        return (offered, settings) -> Arrays.stream(offered.split(",", -1))
                .filter(known::contains)
                .findFirst()
                .map(KeyAnswer::agreed)
                .orElseGet(() -> KeyAnswer.onlyReply(REJECT));
    }

    /** A digest as the policy says. */
    static KeyRule digest(Function<NegotiationSettings, DigestPolicy> policy) {
        return (offered, settings) -> {
            List<String> values = Arrays.asList(offered.split(",", -1));
            return switch (policy.apply(settings)) {
                case NONE -> firstKnown(List.of(NONE)).answer(offered, settings);
                case ALLOWED -> firstKnown(List.of(NONE, CRC32C)).answer(offered, settings);
                case PREFERRED ->
                    firstKnown(List.of(values.contains(CRC32C) ? CRC32C : NONE)).answer(offered, settings);
                case REQUIRED -> firstKnown(List.of(CRC32C)).answer(offered, settings);
            };
        };
    }

    /** Decimal or 0x hexadecimal (RFC 7143 section 6.1); empty when malformed or out of range. */
    static OptionalLong number(String text, long low, long high) {
        boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
        String digits = hexadecimal ? text.substring(2) : text;
        if (digits.isEmpty() || digits.length() > 15 || Character.digit(digits.charAt(0), HEXADECIMAL) < 0) {
            return OptionalLong.empty();
        }
        try {
            long value = Long.parseLong(digits, hexadecimal ? HEXADECIMAL : 10);
            return value < low || value > high ? OptionalLong.empty() : OptionalLong.of(value);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static boolean isBoolean(String offered) {
        return offered.equals(YES) || offered.equals(NO);
    }
}
