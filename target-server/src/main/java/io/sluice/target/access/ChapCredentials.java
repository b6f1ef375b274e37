package io.sluice.target.access;

import io.sluice.config.ChapSettings;
import io.sluice.config.ChapSettings.Credential;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource.SecretUnavailableException;
import io.sluice.target.iscsi.login.ChapAlgorithm;
import io.sluice.target.iscsi.login.ChapCredential;
import io.sluice.target.iscsi.login.ChapPolicy;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The credentials of one target, or of discovery, with their secrets. */
final class ChapCredentials {
    private static final Logger log = LoggerFactory.getLogger(ChapCredentials.class);

    private final Optional<ChapPolicy> common;
    private final Map<String, ChapPolicy> byInitiator;

    private ChapCredentials(Optional<ChapPolicy> common, Map<String, ChapPolicy> byInitiator) {
        this.common = common;
        this.byInitiator = Map.copyOf(byInitiator);
    }

    /** Reads the secrets; {@code whose} begins what is said about a wrong one. */
    static ChapCredentials read(String whose, ChapSettings settings) throws IOException {
        Optional<ChapCredential> own = Optional.empty();
        if (settings.mutual().isPresent()) {
            own = Optional.of(read(whose + ", mutual CHAP", settings.mutual().get()));
        }
        List<ChapAlgorithm> accepted =
                settings.algorithms().stream().map(ChapCredentials::algorithm).toList();
        Map<String, ChapPolicy> byInitiator = new HashMap<>();
        for (Map.Entry<String, Credential> entry : settings.byInitiator().entrySet()) {
            String who = whose + ", CHAP of " + entry.getKey();
            byInitiator.put(entry.getKey(), policy(who, read(who, entry.getValue()), own, accepted));
        }
        Optional<ChapPolicy> common = Optional.empty();
        if (settings.common().isPresent()) {
            String who = whose + ", CHAP";
            common = Optional.of(policy(who, read(who, settings.common().get()), own, accepted));
        }
        return new ChapCredentials(common, byInitiator);
    }

    private static ChapPolicy policy(
            String whose, ChapCredential initiator, Optional<ChapCredential> own, List<ChapAlgorithm> accepted)
            throws IOException {
        if (own.isPresent() && own.get().secret().equals(initiator.secret())) {
            throw new IOException(whose + ": the secret is also the target's mutual secret; give the target a secret of"
                    + " its own, or the initiator could pretend to be the target");
        }
        return new ChapPolicy(initiator, own, accepted);
    }

    private static ChapCredential read(String whose, Credential credential) throws IOException {
        Secret secret;
        try {
            secret = credential.secret().read();
        } catch (SecretUnavailableException e) {
            throw new IOException(whose + ": " + e.getMessage(), e);
        }
        int bytes = secret.length();
        if (bytes > ChapSettings.SECRET_BYTES_MAX) {
            throw new IOException(
                    whose + ": the secret of " + credential.secret().describe() + " has more than "
                            + ChapSettings.SECRET_BYTES_MAX + " bytes; take one of 12 to 16 bytes");
        }
        if (bytes < ChapSettings.SECRET_BYTES_RECOMMENDED || bytes > ChapSettings.SECRET_BYTES_WINDOWS_MAX) {
            log.warn(
                    "{}: the secret of {} does not have 12 to 16 bytes: Windows does not take it{}",
                    whose,
                    credential.secret().describe(),
                    bytes < ChapSettings.SECRET_BYTES_RECOMMENDED ? ", and it can be guessed" : "");
        }
        return new ChapCredential(credential.user(), secret);
    }

    private static ChapAlgorithm algorithm(ChapSettings.Algorithm algorithm) {
        return switch (algorithm) {
            case MD5 -> ChapAlgorithm.MD5;
            case SHA_1 -> ChapAlgorithm.SHA_1;
            case SHA_256 -> ChapAlgorithm.SHA_256;
            case SHA3_256 -> ChapAlgorithm.SHA3_256;
        };
    }

    /** What this initiator has to prove; empty when there is no credential for it. */
    Optional<ChapPolicy> policyFor(String initiatorName) {
        return Optional.ofNullable(byInitiator.get(initiatorName)).or(() -> common);
    }
}
