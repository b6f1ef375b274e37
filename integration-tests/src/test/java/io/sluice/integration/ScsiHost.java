package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.WirePdu;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A host with one session to one LUN and many commands under way: sends a command, returns its tag, and tells later, in
 * whatever order they come, what became of which. Everything is in blocks of 4096 bytes, whatever the LUN's are. Not
 * thread-safe.
 */
final class ScsiHost implements AutoCloseable {
    /** Unit of all addresses here. */
    static final int BLOCK_BYTES = 4096;

    /** What one write may carry: no longer than FirstBurstLength, all of it is immediate data. */
    static final int WRITE_BLOCKS_MAX = 16;

    static final int CHECK_CONDITION = 0x02;
    static final int BUSY = 0x08;
    static final int RESERVATION_CONFLICT = 0x18;
    static final int TASK_SET_FULL = 0x28;

    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int NO_DATA = 0x81;
    private static final int READS = 0xc1;
    private static final int WRITES = 0xa1;
    private static final int DATA_IN = 0x25;
    private static final int SCSI_RESPONSE = 0x21;
    private static final int CARRIES_STATUS = 1;
    private static final int FORCE_UNIT_ACCESS = 0x08;
    private static final int UNMAP_LIST_BYTES = 24;
    private static final int ATTEMPTS_AFTER_LOGIN = 5;

    private final TestInitiator initiator;
    private final int lun;
    private final int sectorsPerBlock;
    private final Map<Integer, byte[]> reading = new HashMap<>();

    /** A command has ended; {@code data} is empty unless it read, the sense code 0xKKCCQQ is 0 when there is none. */
    record Completion(int tag, int status, int senseCode, byte[] data) {}

    /** Logs in; returns when the LUN takes commands. */
    ScsiHost(int port, String target, int lun, int sectorBytes, long isid) throws IOException {
        this.lun = lun;
        this.sectorsPerBlock = BLOCK_BYTES / sectorBytes;
        initiator = new TestInitiator(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)).isid(isid);
        initiator.socket().setSoTimeout(TIMEOUT_MILLIS);
        WirePdu login = initiator.login(
                target, "ImmediateData", "Yes", "FirstBurstLength", "65536", "MaxRecvDataSegmentLength", "262144");
        assertEquals(0, login.loginStatus(), "login");
        awaitReady();
    }

    /** TEST UNIT READY; the first commands of a session are answered with what has happened to the LUN. */
    void awaitReady() throws IOException {
        int status = -1;
        for (int attempt = 0; attempt < ATTEMPTS_AFTER_LOGIN && status != 0; attempt++) {
            send(initiator.command(NO_DATA, 0, new byte[6]));
            status = complete().status();
        }
        assertEquals(0, status, "TEST UNIT READY");
    }

    /** Sends a write of whole blocks. */
    int write(int block, byte[] bytes) throws IOException {
        byte[] cdb = cdb(0x2a, block, bytes.length / BLOCK_BYTES);
        return send(initiator.command(WRITES, bytes.length, cdb).data(bytes));
    }

    /** Sends a write of whole blocks that is answered when it is as safe as a flush would make it (FUA). */
    int writeThrough(int block, byte[] bytes) throws IOException {
        byte[] cdb = cdb(0x2a, block, bytes.length / BLOCK_BYTES);
        cdb[1] = FORCE_UNIT_ACCESS;
        return send(initiator.command(WRITES, bytes.length, cdb).data(bytes));
    }

    /** Sends UNMAP of whole blocks. */
    int unmap(int block, int blocks) throws IOException {
        byte[] list = ByteBuffer.allocate(UNMAP_LIST_BYTES)
                .putShort((short) (UNMAP_LIST_BYTES - 2))
                .putShort((short) (UNMAP_LIST_BYTES - 8))
                .putInt(0)
                .putLong((long) block * sectorsPerBlock)
                .putInt(blocks * sectorsPerBlock)
                .putInt(0)
                .array();
        byte[] cdb = new byte[10];
        cdb[0] = 0x42;
        cdb[8] = UNMAP_LIST_BYTES;
        return send(initiator.command(WRITES, list.length, cdb).data(list));
    }

    /** Sends a read. */
    int read(int block, int blocks) throws IOException {
        WirePdu command = initiator.command(READS, (long) blocks * BLOCK_BYTES, cdb(0x28, block, blocks));
        reading.put(command.tag(), new byte[blocks * BLOCK_BYTES]);
        return send(command);
    }

    /** Sends SYNCHRONIZE CACHE of the whole LUN. */
    int flush() throws IOException {
        return send(initiator.command(NO_DATA, 0, cdb(0x35, 0, 0)));
    }

    private byte[] cdb(int opcode, int block, int blocks) {
        return TestInitiator.cdb10(opcode, block * sectorsPerBlock, blocks * sectorsPerBlock);
    }

    private int send(WirePdu command) throws IOException {
        initiator.send(command.putShort(8, lun));
        return command.tag();
    }

    /** Sends any command and waits; nothing else may be under way. Data-in comes with zeros behind it. */
    Completion execute(byte[] cdb, byte[] dataOut, int dataInBytesMax) throws IOException {
        if (dataInBytesMax > 0) {
            WirePdu command = initiator.command(READS, dataInBytesMax, cdb);
            reading.put(command.tag(), new byte[dataInBytesMax]);
            send(command);
        } else if (dataOut.length > 0) {
            send(initiator.command(WRITES, dataOut.length, cdb).data(dataOut));
        } else {
            send(initiator.command(NO_DATA, 0, cdb));
        }
        return complete();
    }

    /** Writes and waits; nothing else may be under way. */
    Completion writeNow(int block, byte[] bytes) throws IOException {
        write(block, bytes);
        return complete();
    }

    /** Reads and waits; nothing else may be under way. */
    Completion readNow(int block, int blocks) throws IOException {
        read(block, blocks);
        return complete();
    }

    /** Waits until any command ends. */
    Completion complete() throws IOException {
        while (true) {
            WirePdu pdu = initiator.receive();
            byte[] data = reading.get(pdu.tag());
            if (pdu.opcode() == DATA_IN && data != null) {
                byte[] piece = pdu.data();
                System.arraycopy(piece, 0, data, pdu.intAt(40), piece.length);
            } else if (pdu.opcode() != SCSI_RESPONSE) {
                throw new IOException("unexpected " + pdu);
            }
            if (pdu.opcode() == SCSI_RESPONSE || (pdu.flags() & CARRIES_STATUS) != 0) {
                reading.remove(pdu.tag());
                int sense = pdu.status() == CHECK_CONDITION ? pdu.senseCode() : 0;
                return new Completion(pdu.tag(), pdu.status(), sense, data == null ? new byte[0] : data);
            }
        }
    }

    @Override
    public void close() throws IOException {
        initiator.close();
    }
}
