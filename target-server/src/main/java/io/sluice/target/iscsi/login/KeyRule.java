package io.sluice.target.iscsi.login;

/** How one key is negotiated (RFC 7143 section 6.2). Pure. */
@FunctionalInterface
interface KeyRule {
    /** Our answer to what was offered. */
    KeyAnswer answer(String offered, NegotiationSettings ours);
}
