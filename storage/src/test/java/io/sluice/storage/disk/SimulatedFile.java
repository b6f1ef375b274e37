package io.sluice.storage.disk;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.function.IntPredicate;

/** The content of one simulated file: what processes see, and what a power loss would leave. */
final class SimulatedFile {
    static final int PIECE_BYTES = 512;

    private byte[] seen = {};
    private byte[] durable = {};
    /** Pieces that differ, or may, from the durable content. */
    private final BitSet unsynced = new BitSet();
    /** Pieces whose sync failed: the kernel thinks them clean, no later sync writes them. */
    private final BitSet dropped = new BitSet();

    int size() {
        return seen.length;
    }

    void read(long position, byte[] destination) {
        System.arraycopy(seen, (int) position, destination, 0, destination.length);
    }

    void write(long position, byte[] source, int count) {
        if (count == 0) {
            return;
        }
        int end = Math.toIntExact(position + count);
        if (end > seen.length) {
            resize(end);
        }
        System.arraycopy(source, 0, seen, (int) position, count);
        touch((int) position, end);
    }

    void resize(int size) {
        int from = Math.min(size, seen.length);
        int to = Math.max(size, seen.length);
        seen = Arrays.copyOf(seen, size);
        touch(from, to);
    }

    private void touch(int from, int to) {
        if (to > from) {
            unsynced.set(from / PIECE_BYTES, (to - 1) / PIECE_BYTES + 1);
            dropped.clear(from / PIECE_BYTES, (to - 1) / PIECE_BYTES + 1);
        }
    }

    void sync() {
        durable = settle(piece -> !dropped.get(piece), seen.length);
        unsynced.clear();
        unsynced.or(dropped);
    }

    /** Some of the unsynced pieces become durable as they are now; nobody is told which. */
    void writeBackSome(Random random) {
        if (unsynced.isEmpty()) {
            return;
        }
        int size = Math.max(durable.length, seen.length);
        durable = settle(piece -> !dropped.get(piece) && random.nextInt(4) == 0, size);
    }

    /** The kernel drops what it could not write and tells only this once. */
    void failSync() {
        dropped.or(unsynced);
    }

    /** Every unsynced piece, and the size, keep the old or the new version, each by its own chance. */
    void crashMachine(Random random) {
        int size = seen.length == durable.length || random.nextBoolean() ? seen.length : durable.length;
        durable = settle(piece -> !dropped.get(piece) && random.nextBoolean(), size);
        seen = durable.clone();
        unsynced.clear();
        dropped.clear();
    }

    /** The durable content with those of the unsynced pieces for which {@code takesNew}. */
    private byte[] settle(IntPredicate takesNew, int size) {
        byte[] settled = Arrays.copyOf(durable, size);
        unsynced.stream()
                .filter(piece -> piece * PIECE_BYTES < Math.min(size, seen.length))
                .filter(takesNew)
                .forEach(piece -> {
                    int from = piece * PIECE_BYTES;
                    int to = Math.min(from + PIECE_BYTES, Math.min(size, seen.length));
                    System.arraycopy(seen, from, settled, from, to - from);
                });
        return settled;
    }
}
