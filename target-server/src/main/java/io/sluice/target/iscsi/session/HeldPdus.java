package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.pdu.InitiatorPdu;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.SerialNumber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies of PDUs whose command number is ahead of the expected one, until the gap in front of them closes (RFC 7143
 * section 4.2.2.1). With one connection a gap is the initiator's mistake, so this is slow and bounded.
 */
final class HeldPdus {
    private final List<byte[]> held = new ArrayList<>();
    private final InitiatorPdu header = new InitiatorPdu();
    private final int pdusMax;
    private final long bytesMax;
    private long bytes;

    HeldPdus(int pdusMax, long bytesMax) {
        this.pdusMax = pdusMax;
        this.bytesMax = bytesMax;
    }

    /** False when there is no room. A second command with the same number is ignored. */
    boolean hold(PduFrame frame) {
        header.wrap(frame.buffer(), frame.header().offset());
        if (!header.isImmediate() && isHeld(header.commandSequenceNumber())) {
            return true;
        }
        if (held.size() >= pdusMax) {
            return false;
        }
        int headerBytes = BasicHeaderSegment.BYTES + frame.header().ahsBytes();
        int dataBytes = PduFrame.padded(frame.dataBytes());
        if (bytes + headerBytes + dataBytes > bytesMax) {
            return false;
        }
        byte[] copy = new byte[headerBytes + dataBytes];
        frame.buffer().get(frame.header().offset(), copy, 0, headerBytes);
        frame.buffer().get(frame.dataOffset(), copy, headerBytes, dataBytes);
        bytes += copy.length;
        held.add(copy);
        return true;
    }

    /** A PDU whose turn has come: of number {@code expected}, or immediate and not ahead of it. Null for none. */
    @Nullable
    ByteBuffer next(int expected) {
        for (Iterator<byte[]> i = held.iterator(); i.hasNext(); ) {
            byte[] copy = i.next();
            header.wrap(ByteBuffer.wrap(copy), 0);
            int number = header.commandSequenceNumber();
            boolean due = header.isImmediate() ? !SerialNumber.isBefore(expected, number) : number == expected;
            if (due) {
                i.remove();
                bytes -= copy.length;
                return header.buffer();
            }
        }
        return null;
    }

    /** Forgets a command that was aborted while it was held. */
    void remove(int number) {
        for (Iterator<byte[]> i = held.iterator(); i.hasNext(); ) {
            byte[] copy = i.next();
            header.wrap(ByteBuffer.wrap(copy), 0);
            if (!header.isImmediate() && header.commandSequenceNumber() == number) {
                i.remove();
                bytes -= copy.length;
            }
        }
    }

    private boolean isHeld(int number) {
        InitiatorPdu other = new InitiatorPdu();
        for (byte[] copy : held) {
            other.wrap(ByteBuffer.wrap(copy), 0);
            if (!other.isImmediate() && other.commandSequenceNumber() == number) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return held.isEmpty();
    }
}
