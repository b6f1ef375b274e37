package io.sluice.integration;

import static io.sluice.integration.Moments.NEVER;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a host knows about a disk: every write and unmap that it sent, when it sent it and when it was answered, on a clock
 * that ticks with each of these events. Judges what is found on the disk after a crash.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A block never has two commands under way, so the order of its versions is known.
 *   <li>Numbers of writes only grow and are never used again: what has once been seen to be lost must not come back.
 * </ol>
 *
 * <p>Every block written says which block and which write it is; the rest follows from these two, so that each byte is
 * checked. Not thread-safe, but for {@link #now}.
 */
final class DiskHistory {
    private static final int HEADER_BYTES = 24;
    private static final long MAGIC = 0x5354414D50454421L;

    private final String name;
    private final List<List<Write>> versions = new ArrayList<>();
    private final BitSet busy = new BitSet();
    private final AtomicLong clock = new AtomicLong();
    private long nextNumber = 1;
    private long safeUntil;

    /** One write or unmap; number 0 is the disk as it was made. */
    static final class Write {
        private final long number;
        private final int block;
        private final int blocks;
        private final boolean zeros;
        private final long sent;
        private final long sentMillis;
        private long answered = NEVER;
        private long answeredMillis = NEVER;
        private boolean safe;

        Write(long number, int block, int blocks, boolean zeros, long sent, long sentMillis) {
            this.number = number;
            this.block = block;
            this.blocks = blocks;
            this.zeros = zeros;
            this.sent = sent;
            this.sentMillis = sentMillis;
        }

        Write copy() {
            Write copy = new Write(number, block, blocks, zeros, sent, sentMillis);
            copy.answered = answered;
            copy.answeredMillis = answeredMillis;
            copy.safe = safe;
            return copy;
        }

        /** First block. */
        int block() {
            return block;
        }

        /** How many. */
        int blocks() {
            return blocks;
        }

        private void settle(long moment) {
            if (answered == NEVER) {
                answered = moment;
                answeredMillis = System.currentTimeMillis();
            }
        }

        /** What its blocks say. */
        private long content() {
            return zeros ? 0 : number;
        }
    }

    /** A disk of zeros. */
    DiskHistory(String name, int blocks) {
        this.name = name;
        Write made = new Write(0, 0, blocks, true, 0, 0);
        made.answered = 0;
        made.answeredMillis = 0;
        for (int block = 0; block < blocks; block++) {
            versions.add(new ArrayList<>(List.of(made)));
        }
    }

    /** For messages. */
    String name() {
        return name;
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
        copy.clock.set(clock.get());
        copy.nextNumber = nextNumber;
        copy.safeUntil = safeUntil;
        return copy;
    }

    /** Size of the disk. */
    int blocks() {
        return versions.size();
    }

    /** The time now; on any thread. */
    long now() {
        return clock.get();
    }

    /** Writes and unmaps sent so far, lost ones included. */
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
        return sending(block, blocks, false);
    }

    /** An unmap is about to be sent. */
    Write unmapping(int block, int blocks) {
        return sending(block, blocks, true);
    }

    private Write sending(int block, int blocks, boolean zeros) {
        Write write =
                new Write(nextNumber++, block, blocks, zeros, clock.incrementAndGet(), System.currentTimeMillis());
        for (int i = block; i < block + blocks; i++) {
            versions.get(i).add(write);
        }
        busy.set(block, block + blocks);
        return write;
    }

    /** It was answered with GOOD. */
    void answered(Write write) {
        write.answered = clock.incrementAndGet();
        write.answeredMillis = System.currentTimeMillis();
        busy.clear(write.block, write.block + write.blocks);
    }

    /** The write outlives the local disk, and with it all that were answered before it was sent. */
    void safe(Write write) {
        write.safe = true;
        safe(write.sent);
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
            int at = block + i;
            long seen = contentIn(at, bytes, i * ScsiHost.BLOCK_BYTES);
            Write newest = last(versions.get(at));
            assertTrue(
                    seen == newest.content(),
                    () -> place(at) + ": read write " + seen + " instead of " + newest.content());
        }
    }

    /** Everything answered before the time {@code until} outlives the loss of the local disk too. */
    void safe(long until) {
        safeUntil = Math.max(safeUntil, until);
    }

    /** The bytes of a write. */
    static byte[] bytes(Write write) {
        byte[] all = new byte[write.blocks * ScsiHost.BLOCK_BYTES];
        for (int i = 0; i < write.blocks && !write.zeros; i++) {
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

    /** The number of the write whose block this is, 0 for zeros. */
    private long contentIn(int block, byte[] bytes, int offset) {
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

    /** When the newest of the answered writes was sent. */
    long newestAnswered() {
        return versions.stream()
                .flatMap(List::stream)
                .filter(write -> write.answered != NEVER)
                .mapToLong(write -> write.sent)
                .max()
                .orElse(0);
    }

    /** As {@link #recovered(byte[], boolean, BucketClaim)}, with a server that says nothing. */
    long recovered(byte[] disk, boolean localDiskIsKept) {
        return recovered(disk, localDiskIsKept, null);
    }

    /**
     * Judges the whole disk as it is after a crash. There has to be a moment in the history of which it is the state:
     * everything answered before is there, nothing sent after is. What is known to outlive the crash, and what the server
     * says, bound that moment. From here on, this is the disk.
     *
     * @param localDiskIsKept every answered write has to be there, not only what is {@link #safe}
     * @param claim what the server says
     * @return how many answered writes are lost
     */
    long recovered(byte[] disk, boolean localDiskIsKept, @Nullable BucketClaim claim) {
        long mustStayUntil = localDiskIsKept ? now() : safeUntil;
        long[] contents = new long[versions.size()];
        Moments possible = Moments.between(mustStayUntil, NEVER);
        for (int block = 0; block < contents.length; block++) {
            contents[block] = contentIn(block, disk, block * ScsiHost.BLOCK_BYTES);
            Moments here = momentsOf(block, contents[block]);
            checkStays(block, contents[block], here, mustStayUntil);
            Moments before = possible;
            possible = possible.in(here);
            int at = block;
            assertTrue(
                    !possible.isEmpty(),
                    () -> place(at) + " is no prefix with those before: as it is, it is of the moments " + here
                            + ", those before are of " + before);
        }
        long moment = choose(possible, claim, contents);
        long lost = settle(contents, moment, claim == null ? 0 : claim.timeMillis());
        if (!localDiskIsKept) {
            safe(now());
        }
        return lost;
    }

    private long choose(Moments possible, @Nullable BucketClaim claim, long[] contents) {
        Moments chosen = claim == null ? possible : possible.in(upToTheNextEffect(claim.moments(), contents));
        assertTrue(
                !chosen.isEmpty(),
                () -> "the server says: " + (claim == null ? "" : claim.text()) + ", but the disk is of the moments "
                        + possible);
        return chosen.last();
    }

    /**
     * The same state for longer: what is sent behind the last of these moments has no effect before the first of it is answered,
     * or is on the disk, though the clock goes on with what is sent, and with answers to what was sent before.
     */
    private Moments upToTheNextEffect(Moments moments, long[] contents) {
        long last = moments.last();
        long end = NEVER;
        for (int block = 0; block < contents.length; block++) {
            for (Write write : versions.get(block)) {
                if (write.sent > last) {
                    end = Math.min(end, write.content() == contents[block] ? write.sent : write.answered);
                }
            }
        }
        return moments.and(last, Math.max(last + 1, end));
    }

    /** When the block was as it is found: zeros may be several versions. */
    private Moments momentsOf(int block, long content) {
        List<Write> known = versions.get(block);
        Moments moments = Moments.none();
        for (int i = 0; i < known.size(); i++) {
            if (known.get(i).content() == content) {
                moments = moments.and(known.get(i).sent, endOf(known, i));
            }
        }
        assertTrue(
                !moments.isEmpty(),
                () -> place(block) + ": write " + content + " was lost before or belongs elsewhere; known are "
                        + known.stream().map(Write::content).toList());
        return moments;
    }

    private static long endOf(List<Write> known, int index) {
        return index + 1 < known.size() ? known.get(index + 1).answered : NEVER;
    }

    private void checkStays(int block, long content, Moments here, long mustStayUntil) {
        List<Write> known = versions.get(block);
        assertTrue(
                !here.in(Moments.between(mustStayUntil, NEVER)).isEmpty(),
                () -> place(block) + ": something answered before " + mustStayUntil + " is gone; there is " + content
                        + ", known are " + known.stream().map(Write::content).toList());
        for (Write write : known) {
            if (write.safe && write.content() != content) {
                assertTrue(
                        !here.in(Moments.between(write.answered, NEVER)).isEmpty(),
                        () -> place(block) + ": write " + write.number + " was answered with FUA and is gone; there is "
                                + content);
            }
        }
    }

    /** In two passes, for a write that was not answered may be there in one block and not in another. */
    private long settle(long[] contents, long moment, long bucketMillis) {
        int[] indexes = new int[contents.length];
        for (int block = 0; block < contents.length; block++) {
            List<Write> known = versions.get(block);
            indexes[block] = oldestAt(known, contents[block], moment);
            if (bucketMillis != 0) {
                checkTime(block, known, contents[block], moment, bucketMillis);
            }
        }
        long settled = clock.incrementAndGet();
        BitSet lost = new BitSet();
        for (int block = 0; block < contents.length; block++) {
            List<Write> known = versions.get(block);
            List<Write> gone = known.subList(indexes[block] + 1, known.size());
            gone.stream().filter(write -> write.answered < settled).forEach(write -> lost.set((int) write.number));
            gone.clear();
            known.get(indexes[block]).settle(settled);
        }
        return lost.cardinality();
    }

    /** The newest of the versions that the block may be. */
    private static int newestAt(List<Write> known, long content, long moment) {
        int index = known.size() - 1;
        while (index >= 0 && !mayBe(known, index, content, moment)) {
            index--;
        }
        assertTrue(index >= 0, () -> "no version of content " + content + " at moment " + moment);
        return index;
    }

    /** The oldest of them: an unmap of zeros that was never answered may never have happened, and nobody can tell. */
    private static int oldestAt(List<Write> known, long content, long moment) {
        int index = newestAt(known, content, moment);
        while (index > 0 && mayBe(known, index - 1, content, moment)) {
            index--;
        }
        return index;
    }

    private static boolean mayBe(List<Write> known, int index, long content, long moment) {
        Write version = known.get(index);
        return version.content() == content && version.sent <= moment && moment < endOf(known, index);
    }

    /** What is there was sent no later than the newest in the bucket was written, what is lost was answered no sooner. */
    private void checkTime(int block, List<Write> known, long content, long moment, long bucketMillis) {
        Write kept = known.get(oldestAt(known, content, moment));
        int newest = newestAt(known, content, moment);
        assertTrue(
                kept.sentMillis <= bucketMillis,
                () -> place(block) + ": the server says that the newest write is of " + bucketMillis + ", but there is "
                        + kept.number + ", sent at " + kept.sentMillis);
        if (newest + 1 < known.size()) {
            Write gone = known.get(newest + 1);
            assertTrue(
                    gone.answeredMillis >= bucketMillis,
                    () -> place(block) + ": the server says that the newest write is of " + bucketMillis + ", but "
                            + gone.number + ", answered at " + gone.answeredMillis + ", is gone");
        }
    }

    private static Write last(List<Write> known) {
        return known.get(known.size() - 1);
    }

    private String place(int block) {
        return name + " block " + block;
    }
}
