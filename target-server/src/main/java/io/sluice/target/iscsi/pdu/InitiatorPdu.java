package io.sluice.target.iscsi.pdu;

/** What all PDUs from initiators have besides {@link BasicHeaderSegment} (RFC 7143 section 4.2.2.1). */
public class InitiatorPdu extends BasicHeaderSegment {
    /** CmdSN; Data-Out and SNACK have none. */
    public final int commandSequenceNumber() {
        return intAt(24);
    }

    public final void commandSequenceNumber(int value) {
        putInt(24, value);
    }

    /** ExpStatSN: everything below was received. */
    public final int expectedStatusSequenceNumber() {
        return intAt(28);
    }

    public final void expectedStatusSequenceNumber(int value) {
        putInt(28, value);
    }
}
