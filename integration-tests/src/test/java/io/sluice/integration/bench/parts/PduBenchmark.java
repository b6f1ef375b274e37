package io.sluice.integration.bench.parts;

import io.sluice.target.iscsi.pdu.DataIn;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.ScsiCommand;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jscsi.parser.OperationCode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One 4 KiB write command as it lies in the receive buffer, and the header of one 4 KiB Data-In. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PduBenchmark {
    private static final int BLOCK_BYTES = 4096;
    private static final int PDU_BYTES = 48 + BLOCK_BYTES;
    private static final int PDUS = 32;
    private static final int WRITE_FLAGS = 0xa1;

    private final ByteBuffer received = ByteBuffer.allocateDirect(PDUS * (PDU_BYTES + 8));
    private final ByteBuffer sent = ByteBuffer.allocateDirect(PDUS * PDU_BYTES);
    private final PduFrame plain = new PduFrame();
    private final PduFrame checked = new PduFrame();
    private final ScsiCommand command = new ScsiCommand();
    private final DataIn dataIn = new DataIn();
    private final byte[] cdb = new byte[ScsiCommand.CDB_BYTES];
    private int next;

    /** Writes the commands. */
    @Setup
    public void fill() {
        for (int pdu = 0; pdu < PDUS; pdu++) {
            command.wrap(received, pdu * PDU_BYTES);
            command.opcode(OperationCode.SCSI_COMMAND.value());
            command.flags(WRITE_FLAGS);
            received.putInt(pdu * PDU_BYTES + 4, BLOCK_BYTES);
            command.expectedDataTransferBytes(BLOCK_BYTES);
        }
        checked.digests(false, true);
    }

    /** Finds the PDU, reads what a session reads of it. */
    @Benchmark
    public long decode() {
        return decoded(plain);
    }

    /** The same, with the CRC32C of its data; the digest is wrong, which takes as long as a right one. */
    @Benchmark
    public boolean decodeAndCheckData() {
        return decoded(checked) > 0 && checked.isDataIntact();
    }

    private long decoded(PduFrame frame) {
        int offset = next * PDU_BYTES;
        next = (next + 1) % PDUS;
        frame.parse(received, offset, PDU_BYTES + 4, 1 << 20);
        command.wrap(received, offset);
        command.copyCdbTo(cdb);
        return frame.totalBytes() + command.expectedDataTransferBytes() + command.commandSequenceNumber() + cdb[0];
    }

    /** The header of an answer that carries data and status. */
    @Benchmark
    public ByteBuffer encode() {
        int offset = next * PDU_BYTES;
        next = (next + 1) % PDUS;
        dataIn.wrap(sent, offset);
        dataIn.opcode(OperationCode.SCSI_DATA_IN.value());
        dataIn.flags(DataIn.STATUS | DataIn.LAST);
        dataIn.status(0);
        dataIn.targetTransferTag(DataIn.RESERVED_TAG);
        dataIn.statusSequenceNumber(next);
        dataIn.expectedCommandSequenceNumber(next);
        dataIn.maximumCommandSequenceNumber(next + PDUS);
        dataIn.dataSequenceNumber(0);
        dataIn.bufferOffset(0);
        return sent;
    }
}
