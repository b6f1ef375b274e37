package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a host knows about a disk: every write that it sent, when it sent it and when it was answered, on a clock that ticks
 * with each of these events. Judges what is found on the disk after a crash.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A block never has two commands under way, so the order of its versions is known.
 *   <li>Numbers of writes only grow and are never used again: what has once been seen to be lost must not come back.
 * </ol>
 *
 * <p>Every block written says which block and which write it is; the rest follows from these two, so that each byte is
 * checked. Not thread-safe.
 */
final class DiskHistory {
    private static final int HEADER_BYTES = 24;
    private static final long MAGIC = 0x5354414D50454421L;
    private static final long NEVER = Long.MAX_VALUE;

    private final String name;
    private final List<List<Write>> versions = new ArrayList<>();
    private final BitSet busy = new BitSet();
    private long clock;
    private long nextNumber = 1;
    private long safeUntil;

    /** One write; number 0 is the disk as it was made. */
    static final class Write {
        private final long number;
        private final int block;
        private final int blocks;
        private final long sent;
        private long answered = NEVER;

        Write(long number, int block, int blocks, long sent) {
            this.number = number;
            this.block = block;
            this.blocks = blocks;
            this.sent = sent;
        }

        Write copy() {
            Write copy = new Write(number, block, blocks, sent);
            copy.answered = answered;
            return copy;
        }

        /** First block. */
        int block() {
            return block;
        }
    }

    /** A disk of zeros. */
    DiskHistory(String name, int blocks) {
        this.name = name;
        Write made = new Write(0, 0, blocks, 0);
        made.answered = 0;
        for (int block = 0; block < blocks; block++) {
            versions.add(new ArrayList<>(List.of(made)));
        }
    }

    /** The same, for an image that is not the disk: judging it changes nothing here. */
    DiskHistory copy() {
        DiskHistory copy = new DiskHistory(name, versions.size());
        Map<Write, Write> copies = new HashMap<>();
        for (int block = 0; block < versions.size(); block++) {
            List<Write> known = new ArrayList<>();
            for (Write write : versions.get(block)) {
                known.add(copies.computeIfAbsent(write, Write::copy));
            }
            copy.versions.set(block, known);
        }
        copy.clock = clock;
        copy.nextNumber = nextNumber;
        copy.safeUntil = safeUntil;
        return copy;
    }

    /** Size of the disk. */
    int blocks() {
        return versions.size();
    }

    /** The time now. */
    long now() {
        return clock;
    }

    /** Writes answered so far, lost ones included. */
    long writes() {
        return nextNumber - 1;
    }

    /** False when a command on one of these blocks is under way. */
    boolean isFree(int block, int blocks) {
        int next = busy.nextSetBit(block);
        return next < 0 || next >= block + blocks;
    }

    /** A write is about to be sent. */
    Write sending(int block, int blocks) {
        Write write = new Write(nextNumber++, block, blocks, ++clock);
        for (int i = block; i < block + blocks; i++) {
            versions.get(i).add(write);
        }
        busy.set(block, block + blocks);
        return write;
    }

    /** The write was answered with GOOD. */
    void answered(Write write) {
        write.answered = ++clock;
        busy.clear(write.block, write.block + write.blocks);
    }

    /** These blocks are about to be read. */
    void reading(int block, int blocks) {
        busy.set(block, block + blocks);
    }

    /** They were: each must be the newest version. */
    void read(int block, byte[] bytes) {
        int blocks = bytes.length / ScsiHost.BLOCK_BYTES;
        busy.clear(block, block + blocks);
        for (int i = 0; i < blocks; i++) {
            long seen = versionIn(block + i, bytes, i * ScsiHost.BLOCK_BYTES);
            Write newest = last(versions.get(block + i));
            assertTrue(
                    seen == newest.number,
                    () -> place(newest.block) + ": read write " + seen + " instead of " + newest.number);
        }
    }

    /** Everything answered before the time {@code until} outlives the loss of the local disk too. */
    void safe(long until) {
        safeUntil = Math.max(safeUntil, until);
    }

    /** The bytes of a write. */
    static byte[] bytes(Write write) {
        byte[] all = new byte[write.blocks * ScsiHost.BLOCK_BYTES];
        for (int i = 0; i < write.blocks; i++) {
            fill(all, i * ScsiHost.BLOCK_BYTES, write.block + i, write.number);
        }
        return all;
    }

    /** Half of a block is the same byte again and again, the other half cannot be compressed. */
    private static void fill(byte[] target, int offset, int block, long number) {
        ByteBuffer header = ByteBuffer.wrap(target, offset, ScsiHost.BLOCK_BYTES);
        header.putLong(MAGIC).putLong(block).putLong(number);
        int middle = offset + ScsiHost.BLOCK_BYTES / 2;
        Arrays.fill(target, offset + HEADER_BYTES, middle, (byte) number);
        SplittableRandom random = new SplittableRandom((number << 24) ^ block);
        ByteBuffer rest = ByteBuffer.wrap(target, middle, ScsiHost.BLOCK_BYTES / 2);
        while (rest.hasRemaining()) {
            rest.putLong(random.nextLong());
        }
    }

    private long versionIn(int block, byte[] bytes, int offset) {
        long number = ByteBuffer.wrap(bytes, offset, ScsiHost.BLOCK_BYTES).getLong(offset + 2 * Long.BYTES);
        byte[] expected = new byte[ScsiHost.BLOCK_BYTES];
        if (number != 0) {
            fill(expected, 0, block, number);
        }
        int difference = Arrays.mismatch(expected, 0, expected.length, bytes, offset, offset + ScsiHost.BLOCK_BYTES);
        assertTrue(
                difference < 0,
                () -> place(block) + ": write " + number + " is torn or mixed up at byte " + difference);
        return number;
    }

    /** Nothing is under way any more: the connection has gone. */
    void disconnected() {
        busy.clear();
    }

    /**
     * Judges the whole disk as it is after a crash: each block is one that was written, everything that had to stay is
     * there, and what is missing is the newest only: if a write is there, then so are all that were answered before it was
     * sent. From here on, this is the disk.
     *
     * @param localDiskIsKept every answered write has to be there, not only what is {@link #safe}
     * @return how many answered writes are lost
     */
    long recovered(byte[] disk, boolean localDiskIsKept) {
        long mustStayUntil = localDiskIsKept ? clock : safeUntil;
        long newestSent = 0;
        long oldestLost = NEVER;
        BitSet lost = new BitSet();
        for (int block = 0; block < versions.size(); block++) {
            List<Write> known = versions.get(block);
            int index = indexOf(known, versionIn(block, disk, block * ScsiHost.BLOCK_BYTES), block);
            newestSent = Math.max(newestSent, known.get(index).sent);
            for (Write write : known.subList(index + 1, known.size())) {
                int at = block;
                assertTrue(
                        write.answered > mustStayUntil,
                        () -> place(at) + ": write " + write.number + " was answered at " + write.answered
                                + " and is gone; there is " + known.get(index).number);
                if (write.answered != NEVER) {
                    lost.set((int) write.number);
                }
                oldestLost = Math.min(oldestLost, write.answered);
            }
        }
        long kept = newestSent;
        long gone = oldestLost;
        assertTrue(
                gone > kept,
                () -> name + ": no prefix: a write answered at " + gone + " is gone, one sent at " + kept
                        + " is there");
        settle(disk);
        return lost.cardinality();
    }

    private int indexOf(List<Write> known, long number, int block) {
        for (int i = known.size() - 1; i >= 0; i--) {
            if (known.get(i).number == number) {
                return i;
            }
        }
        throw new AssertionError(
                place(block) + ": write " + number + " was lost before or belongs elsewhere; known are "
                        + known.stream().map(write -> write.number).toList());
    }

    private void settle(byte[] disk) {
        clock++;
        for (int block = 0; block < versions.size(); block++) {
            List<Write> known = versions.get(block);
            int index = indexOf(known, versionIn(block, disk, block * ScsiHost.BLOCK_BYTES), block);
            known.subList(index + 1, known.size()).clear();
            Write seen = known.get(index);
            seen.answered = Math.min(seen.answered, clock);
        }
    }

    private static Write last(List<Write> known) {
        return known.get(known.size() - 1);
    }

    private String place(int block) {
        return name + " block " + block;
    }
}
