package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.pdu.Digest;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.TargetPdu;
import io.sluice.target.net.Connection;
import io.sluice.target.net.HeaderSlot;
import io.sluice.target.net.Releasable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jscsi.parser.OperationCode;
import org.jspecify.annotations.Nullable;

/**
 * Puts PDUs into the connection's send queue: numbers, digests, padding. {@link #begin} and {@link #finish} are a pair;
 * nothing else may be written between them.
 */
final class PduWriter {
    private static final int FINAL = 0x80;

    private final Connection connection;
    private final Digest digest = new Digest();
    private CommandWindow window;
    private int nextStatusNumber;
    private boolean headerDigest;
    private boolean dataDigest;
    private @Nullable HeaderSlot open;

    PduWriter(Connection connection) {
        this.connection = connection;
        this.window = new CommandWindow(1, 0);
    }

    /** Where the two numbers on every PDU come from. */
    void window(CommandWindow commandWindow) {
        window = commandWindow;
    }

    /** The first StatSN. */
    void nextStatusNumber(int number) {
        nextStatusNumber = number;
    }

    /** From the next PDU on. */
    void digests(boolean ofHeader, boolean ofData) {
        headerDigest = ofHeader;
        dataDigest = ofData;
    }

    /** Aims {@code pdu} at a fresh header with this opcode, F set, everything else zero. */
    void begin(TargetPdu pdu, OperationCode opcode) {
        HeaderSlot slot = connection.loop().memory().headerSlots().take();
        open = slot;
        pdu.wrap(slot.bytes(), 0);
        pdu.opcode(opcode.value());
        pdu.flags(FINAL);
    }

    /** Queues a PDU without data. */
    void finish(TargetPdu pdu, StatusNumbering numbering) {
        finishHeader(pdu, numbering);
    }

    /** Queues a PDU with a few bytes of data. */
    void finish(TargetPdu pdu, StatusNumbering numbering, byte[] data) {
        pdu.dataSegmentBytes(data.length);
        finishHeader(pdu, numbering);
        if (data.length > 0) {
            int padded = PduFrame.padded(data.length);
            ByteBuffer segment = ByteBuffer.wrap(Arrays.copyOf(data, padded + (dataDigest ? Digest.BYTES : 0)));
            if (dataDigest) {
                segment.putInt(padded, digest.begin().add(segment, 0, padded).wireValue());
            }
            connection.send(segment, null);
        }
    }

    /** Queues a PDU whose data stays where it is, from position to limit; {@code owner} is released when it is sent. */
    void finish(TargetPdu pdu, StatusNumbering numbering, ByteBuffer data, @Nullable Releasable owner) {
        int bytes = data.remaining();
        pdu.dataSegmentBytes(bytes);
        finishHeader(pdu, numbering);
        int paddingBytes = PduFrame.padded(bytes) - bytes;
        if (paddingBytes == 0 && !dataDigest) {
            connection.send(data, owner);
            return;
        }
        HeaderSlot trailer = connection.loop().memory().headerSlots().take();
        ByteBuffer behind = trailer.bytes();
        if (dataDigest) {
            int value = digest.begin()
                    .add(data, data.position(), bytes)
                    .add(behind, 0, paddingBytes)
                    .wireValue();
            behind.putInt(paddingBytes, value);
        }
        behind.limit(paddingBytes + (dataDigest ? Digest.BYTES : 0));
        connection.send(data, owner);
        connection.send(behind, trailer);
    }

    private void finishHeader(TargetPdu pdu, StatusNumbering numbering) {
        HeaderSlot slot = open;
        open = null;
        if (slot == null) {
            throw new IllegalStateException("finish without begin");
        }
        if (numbering != StatusNumbering.ABSENT) {
            pdu.statusSequenceNumber(nextStatusNumber);
        }
        if (numbering == StatusNumbering.ADVANCES) {
            nextStatusNumber++;
        }
        pdu.expectedCommandSequenceNumber(window.expected());
        pdu.maximumCommandSequenceNumber(window.maximum());
        ByteBuffer bytes = slot.bytes();
        int end = BasicHeaderSegment.BYTES;
        if (headerDigest) {
            bytes.putInt(end, digest.begin().add(bytes, 0, end).wireValue());
            end += Digest.BYTES;
        }
        bytes.limit(end);
        connection.send(bytes, slot);
    }
}
