package io.sluice.config.load;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.SecretSource.SecretUnavailableException;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.secret.CommandSecret;
import io.sluice.config.secret.EnvironmentSecret;
import io.sluice.config.secret.FileSecret;
import io.sluice.config.tree.MistakeLog;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes a source of a secret. Files and variables are tried at once; commands are not, they may ask somebody. */
final class SecretReader {
    static final String EXAMPLE =
            "write { file = \"/path\" }, { env = NAME } or { command = [\"/path\", \"argument\"] }, never the secret itself";

    private final MistakeLog log;
    private final Map<String, String> environment;

    SecretReader(MistakeLog log, Map<String, String> environment) {
        this.log = log;
        this.environment = environment;
    }

    /** Empty when nothing usable is given; it is in the log then, unless the section is not given at all. */
    Optional<SecretSource> read(SectionValues values) {
        if (!values.given()) {
            return Optional.empty();
        }
        long given = Stream.of(SecretSchema.FILE, SecretSchema.ENVIRONMENT, SecretSchema.COMMAND)
                .filter(values::isGiven)
                .count();
        if (given != 1) {
            String what = given == 0 ? "names no source of the secret" : "names more than one source of the secret";
            log.mistake(values.place(), values.path(), what, EXAMPLE);
            return Optional.empty();
        }
        Optional<SecretSource> source = values.get(SecretSchema.FILE).map(file -> file(values, new FileSecret(file)));
        return source.or(() -> values.get(SecretSchema.ENVIRONMENT)
                        .map(variable -> tried(values, new EnvironmentSecret(variable, environment))))
                .or(() -> values.get(SecretSchema.COMMAND).map(CommandSecret::new));
    }

    /** The secret of a source that may be read now; empty for a command, and for one that gives none. */
    Optional<Secret> known(SecretSource source) {
        try {
            return source instanceof CommandSecret ? Optional.empty() : Optional.of(source.read());
        } catch (SecretUnavailableException e) {
            return Optional.empty(); // read() has told it
        }
    }

    private SecretSource file(SectionValues values, FileSecret source) {
        if (source.isReadableByOthers()) {
            log.warning(
                    values.place(SecretSchema.FILE),
                    values.path(SecretSchema.FILE),
                    "others than its owner may read the file",
                    "chmod 600 " + source.file());
        }
        return tried(values, source);
    }

    private SecretSource tried(SectionValues values, SecretSource source) {
        try {
            Secret secret = source.read();
            if (secret.isEmpty()) {
                throw new SecretUnavailableException(source.describe() + " is empty; put the secret there");
            }
        } catch (SecretUnavailableException e) {
            String[] parts = String.valueOf(e.getMessage()).split("; ", 2);
            log.mistake(values.place(), values.path(), parts[0], parts.length > 1 ? parts[1] : EXAMPLE);
        }
        return source;
    }
}
