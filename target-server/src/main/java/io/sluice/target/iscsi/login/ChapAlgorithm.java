package io.sluice.target.iscsi.login;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The digests of CHAP by their CHAP_A numbers (RFC 7143 section 12.1.3 and IANA's PPP authentication algorithms). */
public enum ChapAlgorithm {
    MD5(5, "MD5", 16),
    SHA_1(6, "SHA-1", 20),
    SHA_256(7, "SHA-256", 32),
    SHA3_256(8, "SHA3-256", 32);

    private final int number;
    private final String javaName;
    private final int digestBytes;

    ChapAlgorithm(int number, String javaName, int digestBytes) {
        this.number = number;
        this.javaName = javaName;
        this.digestBytes = digestBytes;
    }

    /** Its value in CHAP_A. */
    public int number() {
        return number;
    }

    /** The length of a response. */
    public int digestBytes() {
        return digestBytes;
    }

    /** The strongest of a CHAP_A list that is accepted; empty when there is none. */
    static Optional<ChapAlgorithm> strongest(String offered, Collection<ChapAlgorithm> accepted) {
        List<String> numbers = Arrays.asList(offered.split(",", -1));
        return accepted.stream()
                .filter(algorithm -> numbers.contains(Integer.toString(algorithm.number)))
                .max(Comparator.naturalOrder());
    }

    /** The digest of identifier, secret and challenge (RFC 1994 section 4.1). */
    byte[] response(int identifier, byte[] secret, byte[] challenge) {
        try {
            MessageDigest digest = MessageDigest.getInstance(javaName);
            digest.update((byte) identifier);
            digest.update(secret);
            return digest.digest(challenge);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no " + javaName + ", which CHAP needs", e);
        }
    }
}
