package io.sluice.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What initiators have to prove with CHAP (RFC 7143 section 12.1.3), and what is proved to them.
 *
 * @param common of every initiator that has no credential of its own; empty when each needs its own
 * @param byInitiator by normalised initiator name; such an initiator cannot use the common one
 * @param mutual what is proved to initiators that ask for it; empty refuses them
 * @param algorithms that are accepted, at least one
 */
public record ChapSettings(
        Optional<Credential> common,
        Map<String, Credential> byInitiator,
        Optional<Credential> mutual,
        List<Algorithm> algorithms) {
    /** The longest secret. */
    public static final int SECRET_BYTES_MAX = 255;

    /** What RFC 7143 section 12.1.3 and Windows ask for at least: 96 bits. */
    public static final int SECRET_BYTES_RECOMMENDED = 12;

    /** The longest secret that Windows takes. */
    public static final int SECRET_BYTES_WINDOWS_MAX = 16;

    /** Copies the collections. */
    public ChapSettings {
        byInitiator = Map.copyOf(byInitiator);
        algorithms = List.copyOf(algorithms);
    }

    /**
     * A user name and where its secret comes from.
     *
     * @param user CHAP_N, compared byte by byte
     */
    public record Credential(String user, SecretSource secret) {}

    /** The digests that CHAP can use, the weakest first. */
    public enum Algorithm {
        MD5,
        SHA_1,
        SHA_256,
        SHA3_256
    }
}
