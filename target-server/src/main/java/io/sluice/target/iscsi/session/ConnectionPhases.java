package io.sluice.target.iscsi.session;

/** Switches a connection from one phase to the next. Confined to its loop. */
interface ConnectionPhases {
    /** The present phase. */
    ConnectionPhase current();

    /** From the next PDU on. */
    void enter(ConnectionPhase next, boolean headerDigest, boolean dataDigest);
}
