package io.sluice.storage.cache;

import io.sluice.config.ByteSize;
import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;

/** A cache on a memory disk with a lane that runs when the test says so, and a cipher that watches its nonces. */
final class CacheFixture {
    static final UUID VOLUME = new UUID(0x1234_5678_9abc_4defL, 0x8123_4567_89ab_cdefL);
    static final int FRAME_BYTES = Locator.FRAME_SLOTS * 4096;

    final MemoryDisk disk = new MemoryDisk();
    final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    /** Salt and nonce to the hash of what was encrypted under them, over all runs. */
    private final Map<String, Integer> nonces = new HashMap<>();

    private final Random random;
    private final int slots;

    CacheFixture(int slots, long seed) {
        this.slots = slots;
        this.random = new Random(seed);
    }

    DiskReadCache open() {
        tasks.clear();
        return open(new TaskRuntime(tasks::add));
    }

    DiskReadCache open(EngineRuntime runtime) {
        return DiskReadCache.open(disk, VOLUME, capacityOf(slots), this::cipher, runtime);
    }

    static ByteSize capacityOf(int slots) {
        return new ByteSize(CacheFormat.slotPosition(slots));
    }

    /** Runs the lane until it has nothing left to do. */
    void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Runs at most {@code count} tasks of the lane. */
    void settle(int count) {
        for (int left = count; left > 0 && !tasks.isEmpty(); left--) {
            tasks.remove().run();
        }
    }

    static long key(long segment, int frame) {
        return Locator.frameKey(Locator.segment(segment, frame * 131_072, 131_072, 0));
    }

    /** What the frame with this key holds, always the same. */
    static ByteBuffer content(long frameKey, int blocks) {
        return ByteBuffer.wrap(bytes(frameKey, blocks * 4096));
    }

    private static byte[] bytes(long frameKey, int length) {
        byte[] bytes = new byte[length];
        new Random(frameKey).nextBytes(bytes);
        return bytes;
    }

    static ByteBuffer content(long frameKey) {
        return content(frameKey, Locator.FRAME_SLOTS);
    }

    /** True when the range is here; fails when it is here and wrong. */
    static boolean readAndVerify(ReadCache cache, long frameKey, int block, int from, int length) {
        ByteBuffer destination = ByteBuffer.allocate(length + 8).position(8);
        boolean here = cache.read(frameKey, block, from, destination);
        if (!here) {
            if (destination.position() != 8) {
                throw new AssertionError("a miss moved the position");
            }
            return false;
        }
        byte[] expected =
                Arrays.copyOfRange(bytes(frameKey, FRAME_BYTES), block * 4096 + from, block * 4096 + from + length);
        byte[] found = Arrays.copyOfRange(destination.array(), 8, 8 + length);
        if (!Arrays.equals(expected, found) || destination.hasRemaining()) {
            throw new AssertionError("wrong bytes of " + Locator.describe(frameKey) + " block " + block);
        }
        return true;
    }

    static boolean readAndVerify(ReadCache cache, long frameKey) {
        return readAndVerify(cache, frameKey, 3, 0, 4096);
    }

    private LocalCipher cipher(byte[] salt) {
        long key = ByteBuffer.wrap(salt).getLong() ^ ByteBuffer.wrap(salt).getLong(8);
        return (nonce, offset, source, destination) -> {
            if (offset % 16 != 0) {
                throw new AssertionError("offset " + offset);
            }
            for (int block = 0; offset == 0 && (block + 1) * 4096 <= source.remaining(); block++) {
                ByteBuffer whole = source.slice(source.position() + block * 4096, 4096);
                watch(Arrays.toString(salt) + (nonce + block), whole, key, nonce + block);
            }
            for (int at = offset; source.hasRemaining(); at++) {
                destination.put((byte) (source.get() ^ pad(key, nonce, at)));
            }
        };
    }

    private static int pad(long key, long nonce, int at) {
        return (int) (SlotIndex.mix(key + nonce * 4096 + at) >>> 56);
    }

    /** Encrypting and decrypting one content gives the same hash: that of the plain text or its encrypted twin. */
    private synchronized void watch(String name, ByteBuffer source, long key, long nonce) {
        int plain = 1;
        int stored = 1;
        for (int at = 0; at < 4096; at++) {
            byte value = source.get(source.position() + at);
            plain = 31 * plain + value;
            stored = 31 * stored + (byte) (value ^ pad(key, nonce, at));
        }
        Integer before = nonces.putIfAbsent(name, plain + stored);
        if (before != null && before != plain + stored) {
            throw new AssertionError("a nonce stands for two contents");
        }
    }

    /** A runtime whose only lane is the given executor. */
    final class TaskRuntime implements EngineRuntime {
        private final Executor executor;

        TaskRuntime(Executor executor) {
            this.executor = executor;
        }

        @Override
        public EngineClock clock() {
            throw new AssertionError("the cache needs no clock");
        }

        @Override
        public Entropy entropy() {
            return random::nextBytes;
        }

        @Override
        public Lane lane(String name) {
            throw new AssertionError("the cache needs a blocking lane");
        }

        @Override
        public Lane blockingLane(String name) {
            return new TaskLane(executor);
        }

        @Override
        public Executor workers() {
            throw new AssertionError("the cache needs no workers");
        }

        @Override
        public void close() {
            // Nothing runs.
        }
    }

    private record TaskLane(Executor executor) implements Lane {
        @Override
        public void execute(Runnable task) {
            executor.execute(task);
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            throw new AssertionError("the cache schedules nothing");
        }

        @Override
        public boolean isCurrent() {
            return true;
        }
    }
}
