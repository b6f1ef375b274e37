package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A host of a cluster: a session that registers, reserves and fences, and one block that it writes and reads. */
final class ReservationHost implements AutoCloseable {
    static final int REGISTER = 0;
    static final int RESERVE = 1;
    static final int RELEASE = 2;
    static final int CLEAR = 3;
    static final int PREEMPT = 4;
    static final int PREEMPT_AND_ABORT = 5;
    static final int REGISTER_AND_IGNORE = 6;

    static final int WRITE_EXCLUSIVE = 1;
    static final int WRITE_EXCLUSIVE_REGISTRANTS_ONLY = 5;
    static final int WRITE_EXCLUSIVE_ALL_REGISTRANTS = 7;

    static final int APTPL = 1;

    static final int GOOD = 0;
    static final int REGISTRATIONS_PREEMPTED = 0x062A05;

    private static final int SECTOR_BYTES = 512;
    private static final int REPLY_BYTES_MAX = 8200;

    private final ScsiHost host;

    ReservationHost(ConfigurationFiles files, String volume, long isid) throws IOException {
        host = new ScsiHost(files.port(), ConfigurationFiles.target(volume), 0, SECTOR_BYTES, isid);
    }

    ScsiHost.Completion out(int action, int type, long key, long newKey, int flags) throws IOException {
        byte[] cdb = new byte[10];
        cdb[0] = 0x5F;
        cdb[1] = (byte) action;
        cdb[2] = (byte) type;
        cdb[8] = 24;
        byte[] list = ByteBuffer.allocate(24)
                .putLong(key)
                .putLong(newKey)
                .putInt(0)
                .put((byte) flags)
                .array();
        return host.execute(cdb, list, 0);
    }

    void outGood(int action, int type, long key, long newKey, int flags) throws IOException {
        ScsiHost.Completion answer = out(action, type, key, newKey, flags);
        assertEquals(GOOD, answer.status(), () -> "service action " + action + ": " + answer);
    }

    private ByteBuffer in(int action) throws IOException {
        byte[] cdb = new byte[10];
        cdb[0] = 0x5E;
        cdb[1] = (byte) action;
        cdb[7] = (byte) (REPLY_BYTES_MAX >> 8);
        cdb[8] = (byte) REPLY_BYTES_MAX;
        ScsiHost.Completion answer = host.execute(cdb, new byte[0], REPLY_BYTES_MAX);
        assertEquals(GOOD, answer.status(), answer::toString);
        return ByteBuffer.wrap(answer.data());
    }

    List<Long> keys() throws IOException {
        ByteBuffer data = in(0);
        List<Long> keys = new ArrayList<>();
        for (int at = 8; at < 8 + data.getInt(4); at += 8) {
            keys.add(data.getLong(at));
        }
        return keys;
    }

    /** "key/type", or "none". */
    String reservation() throws IOException {
        ByteBuffer data = in(1);
        return data.getInt(4) == 0 ? "none" : data.getLong(8) + "/" + data.get(21);
    }

    int generation() throws IOException {
        return in(0).getInt(0);
    }

    /** Byte 2 and 3 of REPORT CAPABILITIES. */
    int capabilities() throws IOException {
        return in(2).getShort(2) & 0xFFFF;
    }

    ScsiHost.Completion write(int value) throws IOException {
        byte[] block = new byte[ScsiHost.BLOCK_BYTES];
        java.util.Arrays.fill(block, (byte) value);
        return host.writeNow(0, block);
    }

    void writesGood(int value) throws IOException {
        ScsiHost.Completion answer = write(value);
        assertEquals(GOOD, answer.status(), answer::toString);
    }

    void isShutOut() throws IOException {
        assertEquals(ScsiHost.RESERVATION_CONFLICT, write(0xEE).status());
    }

    /** The next command tells this unit attention. */
    void isTold(int senseCode) throws IOException {
        ScsiHost.Completion answer = write(0xEE);
        assertEquals(ScsiHost.CHECK_CONDITION, answer.status(), answer::toString);
        assertEquals(Integer.toHexString(senseCode), Integer.toHexString(answer.senseCode()));
    }

    int reads() throws IOException {
        ScsiHost.Completion answer = host.readNow(0, 1);
        assertEquals(GOOD, answer.status(), answer::toString);
        return answer.data()[0] & 0xFF;
    }

    @Override
    public void close() throws IOException {
        host.close();
    }
}
