package io.sluice.target.iscsi.login;

/** What we say to an offer of digests (RFC 7143 section 13.1). */
public enum DigestPolicy {
    /** Never. */
    NONE,
    /** As the initiator prefers: the first of its list that we know. */
    ALLOWED,
    /** CRC32C whenever it is offered, wherever it stands in the list. */
    PREFERRED,
    /** A login that does not end up with CRC32C is refused. */
    REQUIRED
}
