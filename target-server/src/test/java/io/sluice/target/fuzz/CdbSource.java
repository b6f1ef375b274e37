package io.sluice.target.fuzz;

import io.sluice.target.scsi.CommandDescriptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/** SCSI commands that get far into the device server: rows of its own table, plausible fields, parameter lists. */
final class CdbSource {
    private static final int BLOCK_BYTES = 512;
    private static final int DATA_BYTES_MAX = 64 << 10;
    private static final long[] ADDRESSES = {0, 1, 7, 8, 100, 8191, 8192, 16383, 16384, 0xffff_ffffL, -1L, 1L << 62};
    private static final int[] LENGTHS = {0, 0, 1, 1, 2, 8, 16, 17, 64, 255, 0x4000, 0xffff, -1};

    private final List<CommandDescriptor> rows;

    CdbSource(List<CommandDescriptor> rows) {
        this.rows = rows;
    }

    /** A SCSI Command PDU with immediate data; {@code tag} is its task tag. */
    byte[] next(Random random, int tag) {
        byte[] cdb = new byte[16];
        random.nextBytes(cdb);
        CommandDescriptor row = rows.get(random.nextInt(rows.size()));
        boolean known = random.nextInt(10) > 0;
        if (known) {
            fill(cdb, row, random);
        }
        long out = known ? Math.min(DATA_BYTES_MAX, row.dataOut().bytes(cdb, BLOCK_BYTES)) : random.nextInt(64);
        long in = known ? Math.min(1 << 20, row.dataIn().bytes(cdb, BLOCK_BYTES)) : random.nextInt(64);
        byte[] data = parameters(cdb, (int) Math.max(0, out), random);
        int expected = data.length > 0 ? data.length : (int) in;
        int attribute = random.nextInt(12) == 0 ? random.nextInt(8) : 1;
        int direction = data.length > 0 ? 0x20 : in > 0 ? 0x40 : 0;
        if (random.nextInt(20) == 0) {
            direction = random.nextInt(4) << 5;
            expected = random.nextInt(3) * random.nextInt(70_000);
        }
        int lun = random.nextInt(12) == 0 ? random.nextInt(0x10000) : random.nextInt(3);
        return Wire.command(0x80 | direction | attribute, lun, tag, expected, cdb, data);
    }

    /** Bits the device server does not look at are zero; address and length are often at an edge. */
    private static void fill(byte[] cdb, CommandDescriptor row, Random random) {
        byte[] usage = row.usage();
        int length = usage.length;
        ByteBuffer fields = ByteBuffer.wrap(cdb);
        long address = random.nextBoolean() ? random.nextInt(9000) : ADDRESSES[random.nextInt(ADDRESSES.length)];
        int count = random.nextBoolean() ? random.nextInt(40) : LENGTHS[random.nextInt(LENGTHS.length)];
        if (length == 6) {
            cdb[3] = (byte) address;
            cdb[2] = (byte) (address >>> 8);
            cdb[4] = (byte) count;
        } else if (length == 10) {
            fields.putInt(2, (int) address).putShort(7, (short) count);
        } else if (length == 12) {
            fields.putInt(2, (int) address).putInt(6, count);
        } else {
            fields.putLong(2, address).putInt(10, count);
        }
        for (int i = 1; i < cdb.length; i++) {
            cdb[i] &= i < length ? usage[i] : 0;
        }
        cdb[1] &= random.nextInt(3) == 0 ? (byte) 0xff : 0x1f;
        cdb[0] = (byte) row.opcode();
        if (row.hasServiceAction()) {
            cdb[1] = (byte) ((cdb[1] & 0xe0) | row.serviceAction());
        }
        cdb[length - 1] = 0;
        if (random.nextInt(8) == 0) {
            cdb[1 + random.nextInt(length - 1)] = (byte) random.nextInt();
        }
    }

    private static byte[] parameters(byte[] cdb, int length, Random random) {
        byte[] data = new byte[length];
        if (random.nextBoolean()) {
            random.nextBytes(data);
        }
        ByteBuffer fields = ByteBuffer.wrap(data);
        switch (cdb[0] & 0xff) {
            case 0x42 -> unmap(fields, random);
            case 0x5f -> reserve(fields, random);
            case 0x15 -> mode(fields, 4, random);
            case 0x55 -> mode(fields, 8, random);
            default -> {}
        }
        if (length > 0 && random.nextInt(6) == 0) {
            data[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
        }
        return data;
    }

    private static void unmap(ByteBuffer data, Random random) {
        if (data.capacity() < 8) {
            return;
        }
        data.putShort(0, (short) (data.capacity() - 2)).putShort(2, (short) ((data.capacity() - 8) / 16 * 16));
        for (int at = 8; at + 16 <= data.capacity(); at += 16) {
            data.putLong(at, random.nextInt(17_000)).putInt(at + 8, random.nextInt(300));
        }
    }

    /** Keys from a handful of values, so that they meet again. */
    private static void reserve(ByteBuffer data, Random random) {
        if (data.capacity() < 24) {
            return;
        }
        data.putLong(0, random.nextInt(4)).putLong(8, random.nextInt(4));
        data.put(20, (byte) (random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(2)));
        if (data.capacity() >= 28 && random.nextBoolean()) {
            data.putInt(24, data.capacity() - 28);
        }
    }

    private static void mode(ByteBuffer data, int headerBytes, Random random) {
        int[] pages = {0x01, 0x08, 0x0a, 0x1c, random.nextInt(64)};
        int[] lengths = {0x0a, 0x12, 0x0a, 0x0a, random.nextInt(64)};
        if (data.capacity() < headerBytes + 2) {
            return;
        }
        for (int i = 0; i < headerBytes; i++) {
            data.put(i, (byte) 0);
        }
        int choice = random.nextInt(pages.length);
        data.put(headerBytes, (byte) pages[choice]).put(headerBytes + 1, (byte) lengths[choice]);
    }
}
