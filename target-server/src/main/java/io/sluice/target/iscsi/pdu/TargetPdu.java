package io.sluice.target.iscsi.pdu;

/** What all PDUs from targets have besides {@link BasicHeaderSegment} (RFC 7143 section 4.2.2). */
public class TargetPdu extends BasicHeaderSegment {
    /** StatSN. */
    public final int statusSequenceNumber() {
        return intAt(24);
    }

    public final void statusSequenceNumber(int value) {
        putInt(24, value);
    }

    /** ExpCmdSN. */
    public final int expectedCommandSequenceNumber() {
        return intAt(28);
    }

    public final void expectedCommandSequenceNumber(int value) {
        putInt(28, value);
    }

    /** MaxCmdSN. */
    public final int maximumCommandSequenceNumber() {
        return intAt(32);
    }

    public final void maximumCommandSequenceNumber(int value) {
        putInt(32, value);
    }
}
