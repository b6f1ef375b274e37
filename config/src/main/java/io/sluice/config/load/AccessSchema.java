package io.sluice.config.load;

import io.sluice.config.AddressRange;
import io.sluice.config.ChapSettings.Algorithm;
import io.sluice.config.InitiatorPattern;
import io.sluice.config.ServerSettings.DigestChoice;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.ListType;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.ValueTypes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keys of what initiators have to be and to prove, the same for targets and for discovery. */
final class AccessSchema {
    static final Key<Optional<String>> USER = Key.optional(
            "user",
            ValueTypes.text(
                    "a CHAP user name", "1 to 255 characters", Pattern.compile("[^\\p{Cntrl}]{1,255}"), "\"host1\""),
            "none",
            "User name (CHAP_N), compared exactly; Windows sends the initiator's name unless told otherwise.");
    static final Key<List<Algorithm>> ALGORITHMS = Key.of(
            "algorithms",
            new ListType<>(ValueTypes.choice(Words.of(Algorithm.class))),
            List.of(Algorithm.values()),
            "Digests that are accepted; the strongest that the initiator offers is used. Windows knows md5 alone.");
    static final Section SECRET = SecretSchema.section(
            "secret", "Where the secret comes from: 12 to 16 bytes suit every initiator, 255 at most.");
    static final Section MUTUAL = Section.of(
                    "mutual",
                    "What is proved to initiators that ask for it (mutual CHAP); its secret must differ from theirs.")
            .withKeys(USER)
            .withSections(SECRET);
    static final Section INITIATORS = Section.of(
                    "initiators",
                    "Credentials of single initiators, each under its name in quotes: such an initiator cannot use the"
                            + " common one. Without a common one nobody else can log in.")
            .withKeys(USER)
            .withSections(SECRET)
            .asNamed();
    static final Section CHAP = Section.of(
                    "chap",
                    "CHAP: initiators have to prove that they know a secret. `user` and `secret` are those of every"
                            + " initiator that is not listed in `initiators`.")
            .withKeys(USER, ALGORITHMS)
            .withSections(SECRET, MUTUAL, INITIATORS);

    static final Key<Optional<List<InitiatorPattern>>> ALLOWED_INITIATORS = Key.optional(
            "initiators",
            new ListType<>(ValueTypes.parsed(
                    "an initiator name",
                    "or a beginning with `*`",
                    "\"iqn.1993-08.org.debian:*\"",
                    InitiatorPattern::parse,
                    Map.of())),
            "every name",
            "Names that may log in. A name is what the initiator says: without CHAP it proves nothing.");
    static final Key<Optional<List<AddressRange>>> ALLOWED_ADDRESSES = Key.optional(
            "addresses",
            new ListType<>(ValueTypes.parsed(
                    "an address or a range of addresses",
                    "IPv4 or IPv6",
                    "\"10.0.0.0/8\"",
                    AddressRange::parse,
                    Map.of())),
            "every address",
            "Addresses that initiators may come from.");
    static final Section ALLOW = Section.of("allow", "Access list; name and address must both be allowed.")
            .withKeys(ALLOWED_INITIATORS, ALLOWED_ADDRESSES);

    static final Key<DigestChoice> HEADER_DIGEST = digest("header-digest", "headers");
    static final Key<DigestChoice> DATA_DIGEST = digest("data-digest", "data");

    private AccessSchema() {}

    private static Key<DigestChoice> digest(String name, String of) {
        return Key.of(
                name,
                ValueTypes.choice(Words.of(DigestChoice.class)),
                DigestChoice.ALLOW,
                "CRC32C of " + of + ": `allow` leaves it to the initiator's order, `prefer` takes it whenever it is"
                        + " offered, `require` refuses who does not offer it.");
    }
}
