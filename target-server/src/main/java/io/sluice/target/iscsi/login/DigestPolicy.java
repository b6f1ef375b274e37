package io.sluice.target.iscsi.login;

/** What we say to an offer of digests (RFC 7143 section 13.1). */
public enum DigestPolicy {
    /** Never. */
    NONE,
    /** As the initiator prefers: the first of its list that we know. */
    ALLOWED,
    /** A login that does not end up with CRC32C is refused. */
    REQUIRED
}
