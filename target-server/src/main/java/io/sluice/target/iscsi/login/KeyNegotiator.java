package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jscsi.parser.datasegment.OperationalTextKey;

/** Answers operational keys by {@link KeyTable}. Pure: the same offer always gives the same answer. */
public final class KeyNegotiator {
    private static final Set<String> ANSWERS = Set.of(KeyRules.NOT_UNDERSTOOD, KeyRules.REJECT, KeyRules.IRRELEVANT);

    private final NegotiationSettings ours;

    /** With our side of every key. */
    public KeyNegotiator(NegotiationSettings ours) {
        this.ours = ours;
    }

    /**
     * One round.
     *
     * @param reply what to send
     * @param agreed everything agreed so far
     */
    public record Round(TextKeys reply, Map<String, String> agreed) {
        /** Takes a copy. */
        public Round {
            agreed = Map.copyOf(agreed);
        }
    }

    /** Answers every offered pair; {@code agreedBefore} is what earlier rounds agreed. */
    public Round negotiate(TextKeys offered, Map<String, String> agreedBefore) {
        Map<String, String> agreed = new HashMap<>(agreedBefore);
        List<TextKeys.Pair> reply = new ArrayList<>();
        for (TextKeys.Pair pair : offered.pairs()) {
            KeyAnswer answer = answer(pair, offered, agreed);
            if (answer.reply() != null) {
                reply.add(new TextKeys.Pair(pair.key(), answer.reply()));
            }
            if (answer.agreed() != null) {
                agreed.put(pair.key(), answer.agreed());
            }
        }
        return new Round(new TextKeys(reply), agreed);
    }

    private KeyAnswer answer(TextKeys.Pair pair, TextKeys offered, Map<String, String> agreed) {
        if (ANSWERS.contains(pair.value())) {
            return KeyAnswer.none();
        }
        KeyAnswer answer = KeyTable.rule(pair.key())
                .map(rule -> rule.answer(pair.value(), ours))
                .orElseGet(() -> KeyAnswer.onlyReply(KeyRules.NOT_UNDERSTOOD));
        return pair.key().equals(OperationalTextKey.FIRST_BURST_LENGTH.value())
                ? withinBurst(answer, offered, agreed)
                : answer;
    }

    /** FirstBurstLength must not be longer than MaxBurstLength, wherever that stands in the offer. */
    private KeyAnswer withinBurst(KeyAnswer first, TextKeys offered, Map<String, String> agreed) {
        String key = OperationalTextKey.MAX_BURST_LENGTH.value();
        String burst = offered.find(key)
                .flatMap(value -> KeyTable.rule(key).map(rule -> rule.answer(value, ours)))
                .map(KeyAnswer::agreed)
                .orElseGet(() -> agreed.getOrDefault(key, KeyTable.defaultOf(OperationalTextKey.MAX_BURST_LENGTH)));
        if (first.agreed() == null || Long.parseLong(first.agreed()) <= Long.parseLong(burst)) {
            return first;
        }
        return KeyAnswer.agreed(burst);
    }
}
