package io.sluice.target.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Seeded changes to a list of PDUs, one at a time. */
final class Mutator {
    private static final int[] FIELDS = {4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44};
    private static final int[] VALUES = {0, 1, 2, -1, -2, 0x7fff_ffff, 0x8000_0000, 0x100, 0xff_ffff, 0x40_0000, 512};
    private static final int[] LENGTHS = {0, 1, 3, 4, 47, 48, 511, 512, 8192, 8193, 65536, 262144, 262145, 0xff_ffff};
    private static final int PDUS_MAX = 300;

    private final Random random;

    Mutator(Random random) {
        this.random = random;
    }

    /** Changes one thing; PDUs before {@code from} stay as they are. */
    void mutate(List<byte[]> pdus, int from) {
        if (pdus.size() <= from) {
            return;
        }
        int at = from + random.nextInt(pdus.size() - from);
        byte[] pdu = pdus.get(at).clone();
        switch (random.nextInt(14)) {
            case 0, 1 -> pdu[random.nextInt(pdu.length)] ^= (byte) (1 << random.nextInt(8));
            case 2 -> pdu[random.nextInt(Math.min(pdu.length, Wire.HEADER_BYTES))] = (byte) random.nextInt();
            case 3, 4 -> putField(pdu);
            case 5 -> pdu[0] = (byte) random.nextInt(0x80);
            case 6 -> pdu[1] = (byte) random.nextInt();
            case 7 -> putDataLength(pdu);
            case 8 -> pdu = resized(pdu);
            case 9 -> pdu = withAdditionalHeader(pdu);
            case 10 -> pdu = Arrays.copyOf(pdu, 2 + random.nextInt(pdu.length - 1));
            case 11 -> insert(pdus, at, from, pdu.clone());
            case 12 -> {
                pdus.remove(at);
                return;
            }
            default -> {
                byte[] other = pdus.set(from + random.nextInt(pdus.size() - from), pdu);
                pdu = other;
            }
        }
        pdus.set(Math.min(at, pdus.size() - 1), pdu);
    }

    private void insert(List<byte[]> pdus, int at, int from, byte[] copy) {
        for (int i = random.nextInt(6) == 0 ? 40 : 1; i > 0 && pdus.size() < PDUS_MAX; i--) {
            pdus.add(random.nextBoolean() ? at : from + random.nextInt(pdus.size() - from), copy);
        }
    }

    private void putField(byte[] pdu) {
        int at = FIELDS[random.nextInt(FIELDS.length)];
        if (pdu.length >= at + 4) {
            int present = ByteBuffer.wrap(pdu).getInt(at);
            int value = switch (random.nextInt(3)) {
                case 0 -> VALUES[random.nextInt(VALUES.length)];
                case 1 -> present + random.nextInt(5) - 2;
                default -> random.nextInt();
            };
            ByteBuffer.wrap(pdu).putInt(at, at == 4 ? value & 0x3_ffff : value);
        }
    }

    /** A length that the data does not have: the stream gets out of step. */
    private void putDataLength(byte[] pdu) {
        if (pdu.length >= Wire.HEADER_BYTES) {
            ByteBuffer.wrap(pdu).putInt(4, LENGTHS[random.nextInt(LENGTHS.length)]);
        }
    }

    /** Other data, of the length that the header says. */
    private byte[] resized(byte[] pdu) {
        int ahs = pdu.length < Wire.HEADER_BYTES ? 0 : 4 * (pdu[4] & 0xff);
        if (pdu.length < Wire.HEADER_BYTES + ahs) {
            return pdu;
        }
        int bytes = Math.min(16 << 10, LENGTHS[random.nextInt(LENGTHS.length)]);
        byte[] other = Arrays.copyOf(pdu, Wire.HEADER_BYTES + ahs + Wire.padded(bytes));
        ByteBuffer.wrap(other).putInt(4, (pdu[4] << 24) | bytes);
        return other;
    }

    private byte[] withAdditionalHeader(byte[] pdu) {
        if (pdu.length < Wire.HEADER_BYTES) {
            return pdu;
        }
        int words = random.nextInt(4) == 0 ? 255 : 1 + random.nextInt(4);
        byte[] header = new byte[4 * words];
        random.nextBytes(header);
        if (random.nextBoolean()) {
            ByteBuffer.wrap(header).putShort(0, (short) (header.length - 3)).put(2, (byte) (1 + random.nextInt(2)));
        }
        byte[] longer = new byte[pdu.length + header.length];
        System.arraycopy(pdu, 0, longer, 0, Wire.HEADER_BYTES);
        System.arraycopy(header, 0, longer, Wire.HEADER_BYTES, header.length);
        System.arraycopy(
                pdu, Wire.HEADER_BYTES, longer, Wire.HEADER_BYTES + header.length, pdu.length - Wire.HEADER_BYTES);
        longer[4] = (byte) words;
        return longer;
    }
}
