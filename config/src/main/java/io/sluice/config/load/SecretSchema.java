package io.sluice.config.load;

import io.sluice.config.schema.Key;
import io.sluice.config.schema.ListType;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.ValueTypes;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keys of a source of a secret: exactly one of them is given. */
final class SecretSchema {
    static final Key<Optional<Path>> FILE = Key.optional(
            "file",
            ValueTypes.path(),
            "",
            "File that holds the secret; a line end behind it does not count. Let only Sluice's user read it.");
    static final Key<Optional<String>> ENVIRONMENT = Key.optional(
            "env",
            ValueTypes.text(
                    "a name of an environment variable",
                    "",
                    Pattern.compile("[A-Za-z_][A-Za-z0-9_]*"),
                    "SLUICE_PASSPHRASE"),
            "",
            "Name of the environment variable that holds the secret.");
    static final Key<Optional<List<String>>> COMMAND = Key.optional(
            "command",
            new ListType<>(ValueTypes.text(
                    "a program or an argument", "", Pattern.compile(".+", Pattern.DOTALL), "\"/usr/bin/pass\"")),
            "",
            "Program and arguments that write the secret to standard output within 10 s; no shell is involved.");

    private SecretSchema() {}

    static Section section(String name, String doc) {
        return Section.of(name, doc).withKeys(FILE, ENVIRONMENT, COMMAND).asSecret();
    }
}
