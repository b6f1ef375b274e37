package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.WirePdu;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A host with a session: one command at a time to any LUN; async messages and pings in between are skipped. */
final class TestHost implements AutoCloseable {
    static final int GOOD = 0;
    static final int CAPACITY_CHANGED = 0x062A09;
    static final int LUNS_CHANGED = 0x063F0E;
    static final int INQUIRY_CHANGED = 0x063F03;
    static final int MODE_CHANGED = 0x062A01;
    static final int NO_SUCH_LUN = 0x052500;
    static final int WRITE_PROTECTED = 0x072700;

    private static final int BLOCK_BYTES = 512;
    private static final int ASYNC_MESSAGE = 0x32;
    private static final int NOP_IN = 0x20;
    private static final int DATA_IN = 0x25;
    private static final int CHECK_CONDITION = 2;
    private static final int ATTENTIONS_MAX = 5;

    private final TestInitiator initiator;

    TestHost(InetSocketAddress portal, String target, long isid) throws IOException {
        initiator = new TestInitiator(portal).isid(isid);
        assertEquals(0, initiator.login(target).loginStatus());
    }

    TestInitiator initiator() {
        return initiator;
    }

    /** What one command gave: status or sense code (key, ASC, ASCQ), and the data-in. */
    record Answer(int outcome, byte[] data) {}

    Answer run(int lun, int flags, int expectedBytes, byte[] cdb, byte[] out) throws IOException {
        WirePdu command = initiator
                .command(flags, Math.max(expectedBytes, out.length), cdb)
                .putByte(9, lun)
                .data(out);
        initiator.send(command);
        byte[] in = new byte[expectedBytes];
        while (true) {
            WirePdu pdu = initiator.receive();
            if (pdu.opcode() == ASYNC_MESSAGE || pdu.opcode() == NOP_IN) {
                continue;
            }
            if (pdu.opcode() == DATA_IN) {
                System.arraycopy(pdu.data(), 0, in, pdu.intAt(40), pdu.data().length);
                if ((pdu.flags() & 1) == 0) {
                    continue;
                }
            }
            return new Answer(pdu.status() == CHECK_CONDITION ? pdu.senseCode() : pdu.status(), in);
        }
    }

    /** TEST UNIT READY. */
    int test(int lun) throws IOException {
        return run(lun, 0x81, 0, new byte[6], new byte[0]).outcome();
    }

    /** Takes all unit attentions. */
    TestHost ready(int lun) throws IOException {
        for (int i = 0; i < ATTENTIONS_MAX; i++) {
            if (test(lun) == GOOD) {
                return this;
            }
        }
        throw new AssertionError("LUN " + lun + " does not get ready");
    }

    /** READ CAPACITY (10): the number of blocks. */
    long blocks(int lun) throws IOException {
        byte[] cdb = new byte[10];
        cdb[0] = 0x25;
        Answer answer = run(lun, 0xC1, 8, cdb, new byte[0]);
        assertEquals(GOOD, answer.outcome());
        return ByteBuffer.wrap(answer.data()).getInt() + 1L;
    }

    int write(int lun, int block, byte[] bytes) throws IOException {
        return run(lun, 0xA1, 0, TestInitiator.cdb10(0x2A, block, bytes.length / BLOCK_BYTES), bytes)
                .outcome();
    }

    Answer read(int lun, int block, int blocks) throws IOException {
        return run(lun, 0xC1, blocks * BLOCK_BYTES, TestInitiator.cdb10(0x28, block, blocks), new byte[0]);
    }

    @Override
    public void close() throws IOException {
        initiator.close();
    }
}
