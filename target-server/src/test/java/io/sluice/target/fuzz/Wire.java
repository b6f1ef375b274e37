package io.sluice.target.fuzz;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** PDUs of an initiator as plain bytes: header and padded data, no digests until {@link #encode}. */
final class Wire {
    static final int HEADER_BYTES = 48;
    static final int RESERVED_TAG = -1;
    static final int NOP_OUT = 0x00;
    static final int COMMAND = 0x01;
    static final int TASK_MANAGEMENT = 0x02;
    static final int LOGIN = 0x03;
    static final int TEXT = 0x04;
    static final int DATA_OUT = 0x05;
    static final int LOGOUT = 0x06;
    static final int IMMEDIATE = 0x40;

    private Wire() {}

    /** A header with tag and data. */
    static byte[] pdu(int opcode, int flags, int tag, byte[] data) {
        byte[] pdu = new byte[HEADER_BYTES + padded(data.length)];
        pdu[0] = (byte) opcode;
        pdu[1] = (byte) flags;
        ByteBuffer.wrap(pdu).putInt(4, data.length).putInt(16, tag);
        System.arraycopy(data, 0, pdu, HEADER_BYTES, data.length);
        return pdu;
    }

    static byte[] loginRequest(int flags, long isid, int tag, byte[] text) {
        byte[] pdu = pdu(LOGIN | IMMEDIATE, flags, tag, text);
        ByteBuffer.wrap(pdu)
                .putShort(8, (short) (isid >>> 32))
                .putInt(10, (int) isid)
                .putShort(20, (short) 1)
                .putInt(24, 1)
                .putInt(28, 1);
        return pdu;
    }

    static byte[] keys(String... keysAndValues) {
        return TextKeys.of(keysAndValues).encode();
    }

    static byte[] nopOut(int tag) {
        byte[] pdu = pdu(NOP_OUT | IMMEDIATE, 0x80, tag, new byte[0]);
        ByteBuffer.wrap(pdu).putInt(20, RESERVED_TAG);
        return pdu;
    }

    static byte[] command(int flags, int lun, int tag, int expectedBytes, byte[] cdb, byte[] data) {
        byte[] pdu = pdu(COMMAND, flags, tag, data);
        ByteBuffer.wrap(pdu)
                .putShort(8, (short) lun)
                .putInt(20, expectedBytes)
                .put(32, cdb, 0, Math.min(16, cdb.length));
        return pdu;
    }

    static byte[] dataOut(boolean last, int tag, int transferTag, int number, int offset, byte[] data) {
        byte[] pdu = pdu(DATA_OUT, last ? 0x80 : 0, tag, data);
        ByteBuffer.wrap(pdu).putInt(20, transferTag).putInt(36, number).putInt(40, offset);
        return pdu;
    }

    static byte[] taskManagement(int function, int lun, int tag, int referencedTag, int referencedNumber) {
        byte[] pdu = pdu(TASK_MANAGEMENT | IMMEDIATE, 0x80 | function, tag, new byte[0]);
        ByteBuffer.wrap(pdu).putShort(8, (short) lun).putInt(20, referencedTag).putInt(32, referencedNumber);
        return pdu;
    }

    static byte[] text(int flags, int tag, int transferTag, byte[] data) {
        byte[] pdu = pdu(TEXT, flags, tag, data);
        ByteBuffer.wrap(pdu).putInt(20, transferTag);
        return pdu;
    }

    static byte[] logout(int reason, int tag) {
        return pdu(LOGOUT | IMMEDIATE, 0x80 | reason, tag, new byte[0]);
    }

    static int opcode(byte[] pdu) {
        return pdu[0] & 0x3f;
    }

    static int tag(byte[] pdu) {
        return ByteBuffer.wrap(pdu).getInt(16);
    }

    /** Gives the CmdSNs a conforming initiator would give, from {@code first} on. */
    static void number(List<byte[]> pdus, int first) {
        int next = first;
        for (byte[] pdu : pdus) {
            if (pdu.length >= HEADER_BYTES && opcode(pdu) != DATA_OUT) {
                ByteBuffer.wrap(pdu).putInt(24, next);
                next += (pdu[0] & IMMEDIATE) == 0 ? 1 : 0;
            }
        }
    }

    /** With digests of header and data, as far as the PDU is framed as it says. */
    static byte[] encode(byte[] pdu, boolean digests) {
        if (!digests || pdu.length < HEADER_BYTES) {
            return pdu;
        }
        int headerEnd = Math.min(pdu.length, HEADER_BYTES + (4 * (pdu[4] & 0xff)));
        byte[] header = Arrays.copyOf(pdu, headerEnd);
        byte[] data = Arrays.copyOfRange(pdu, headerEnd, pdu.length);
        ByteBuffer wire = ByteBuffer.allocate(pdu.length + 8);
        wire.put(header).putInt(crc(header)).put(data);
        if (data.length > 0) {
            wire.putInt(crc(data));
        }
        return Arrays.copyOf(wire.array(), wire.position());
    }

    /** Cuts a stream without digests into its PDUs; a rest that is none is dropped. */
    static List<byte[]> split(byte[] stream) {
        List<byte[]> pdus = new ArrayList<>();
        int at = 0;
        while (at + HEADER_BYTES <= stream.length) {
            int lengths = ByteBuffer.wrap(stream).getInt(at + 4);
            int end = at + HEADER_BYTES + (4 * (lengths >>> 24)) + padded(lengths & 0xff_ffff);
            if (end > stream.length) {
                return pdus;
            }
            pdus.add(Arrays.copyOfRange(stream, at, end));
            at = end;
        }
        return pdus;
    }

    static int padded(int bytes) {
        return (bytes + 3) & ~3;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.reverseBytes((int) crc.getValue());
    }
}
