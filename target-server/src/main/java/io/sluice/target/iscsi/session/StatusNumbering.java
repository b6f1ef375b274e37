package io.sluice.target.iscsi.session;

/** What a PDU does with StatSN (RFC 7143 section 4.2.2.2). */
enum StatusNumbering {
    /** Carries the next number and uses it up. */
    ADVANCES,
    /** Carries the next number without using it: R2T, NOP-In pings. */
    SHOWS,
    /** Carries none: Data-In without status. */
    ABSENT
}
