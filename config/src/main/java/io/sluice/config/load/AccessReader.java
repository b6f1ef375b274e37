package io.sluice.config.load;

import io.sluice.config.AccessSettings;
import io.sluice.config.ChapSettings;
import io.sluice.config.ChapSettings.Credential;
import io.sluice.config.IscsiName;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.ShownText;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes the access settings of a target, or of discovery, of their sections, and finds credentials that are incomplete
 * or unsafe. Secrets of commands are not read here; their rules are checked when the server reads them.
 */
final class AccessReader {
    private final MistakeLog log;
    private final SecretReader secrets;

    AccessReader(MistakeLog log, SecretReader secrets) {
        this.log = log;
        this.secrets = secrets;
    }

    /** {@code values} are those around {@code chap} and {@code allow}. */
    AccessSettings read(SectionValues values) {
        SectionValues allow = values.section(AccessSchema.ALLOW);
        return new AccessSettings(
                readChap(values.section(AccessSchema.CHAP)),
                allow.get(AccessSchema.ALLOWED_INITIATORS).orElse(List.of()),
                allow.get(AccessSchema.ALLOWED_ADDRESSES).orElse(List.of()));
    }

    private Optional<ChapSettings> readChap(SectionValues values) {
        if (!values.given()) {
            return Optional.empty();
        }
        SectionValues single = values.section(AccessSchema.INITIATORS);
        Optional<Credential> common = readCommon(values, single);
        Map<String, Credential> byInitiator = readSingle(single);
        SectionValues mutualValues = values.section(AccessSchema.MUTUAL);
        Optional<Credential> mutual = mutualValues.given() ? readCredential(mutualValues) : Optional.empty();
        mutual.ifPresent(own -> checkDiffers(own, common, byInitiator, mutualValues));
        return Optional.of(new ChapSettings(common, byInitiator, mutual, values.get(AccessSchema.ALGORITHMS)));
    }

    private Optional<Credential> readCommon(SectionValues values, SectionValues single) {
        boolean mentioned = values.isGiven(AccessSchema.USER)
                || values.section(AccessSchema.SECRET).given()
                || values.bad().contains(AccessSchema.SECRET.name());
        boolean others = !single.sections().isEmpty() || values.bad().contains(AccessSchema.INITIATORS.name());
        return mentioned || !others ? readCredential(values) : Optional.empty();
    }

    private Map<String, Credential> readSingle(SectionValues values) {
        Map<String, Credential> read = new HashMap<>();
        Set<String> seen = new HashSet<>();
        values.sections().forEach((name, entry) -> {
            Optional<Credential> credential = readCredential(entry);
            try {
                String normal = IscsiName.normalise(name);
                if (!seen.add(normal)) {
                    log.mistake(entry.place(), entry.path(), "the initiator is there twice", "write it once");
                }
                credential.ifPresent(given -> read.put(normal, given));
            } catch (IllegalArgumentException e) {
                String what = ShownText.isShowable(name) ? String.valueOf(e.getMessage()) : "is not an iSCSI name";
                log.mistake(entry.place(), entry.path(), what, "write the initiator's name, in quotes");
            }
        });
        return read;
    }

    private Optional<Credential> readCredential(SectionValues values) {
        if (!values.isGiven(AccessSchema.USER)) {
            log.mistake(values.place(), values.path(AccessSchema.USER), "is missing", "write user = NAME");
        }
        SectionValues secret = values.section(AccessSchema.SECRET);
        if (!secret.given() && !values.bad().contains(AccessSchema.SECRET.name())) {
            log.mistake(values.place(), secret.path(), "is missing", SecretReader.EXAMPLE);
        }
        Optional<SecretSource> source = secrets.read(secret);
        source.flatMap(secrets::known).ifPresent(known -> checkLength(known, secret));
        return source.flatMap(given -> values.get(AccessSchema.USER).map(user -> new Credential(user, given)));
    }

    private void checkLength(Secret secret, SectionValues values) {
        int bytes = secret.length();
        if (bytes > ChapSettings.SECRET_BYTES_MAX) {
            log.mistake(
                    values.place(),
                    values.path(),
                    "the secret has more than " + ChapSettings.SECRET_BYTES_MAX + " bytes",
                    "take one of 12 to 16 bytes");
        } else if (bytes < ChapSettings.SECRET_BYTES_RECOMMENDED) {
            log.warning(
                    values.place(),
                    values.path(),
                    "the secret has fewer than 12 bytes: it can be guessed from one captured login, and Windows does"
                            + " not take it",
                    "take one of 12 to 16 bytes");
        } else if (bytes > ChapSettings.SECRET_BYTES_WINDOWS_MAX) {
            log.warning(
                    values.place(),
                    values.path(),
                    "the secret has more than 16 bytes: Windows does not take it",
                    "take one of 12 to 16 bytes if a Windows host is to log in");
        }
    }

    /** Who knows an initiator's secret could play the target to it, and reflect its challenges (RFC 7143 9.2.1). */
    private void checkDiffers(
            Credential own, Optional<Credential> common, Map<String, Credential> byInitiator, SectionValues mutual) {
        Optional<Secret> secret = secrets.known(own.secret());
        boolean same = Stream.concat(common.stream(), byInitiator.values().stream())
                .anyMatch(other -> other.secret().equals(own.secret())
                        || (secret.isPresent() && secret.equals(secrets.known(other.secret()))));
        if (same) {
            SectionValues values = mutual.section(AccessSchema.SECRET);
            log.mistake(
                    values.place(),
                    values.path(),
                    "is also the secret of an initiator, who could then pretend to be this target",
                    "give the target a secret of its own");
        }
    }
}
