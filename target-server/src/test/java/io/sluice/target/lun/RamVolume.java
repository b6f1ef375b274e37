package io.sluice.target.lun;

import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.volume.CloseReport;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.MappedRun;
import io.sluice.storage.volume.MappingCompletion;
import io.sluice.storage.volume.Volume;
import io.sluice.storage.volume.VolumeDescription;
import io.sluice.storage.volume.VolumePort;
import io.sluice.storage.volume.VolumeStatus;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A volume in memory that keeps the contract of {@link VolumePort} to the letter, and is stricter than a real one: a port
 * used by a second thread is a broken invariant; a write takes effect no earlier than the next submit.
 *
 * <p>{@link #hold} makes operations wait until {@link #release}; {@link #failNext} makes the next one fail.
 */
public class RamVolume implements Volume {
    private static final int BLOCK_BYTES = 4096;

    private final byte[] data;
    private final BitSet mapped = new BitSet();
    private final int logicalBlockBytes;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private volatile long sizeBytes;
    private volatile boolean holding;
    private volatile @Nullable Executor background;
    private volatile ByteBuffer reservations = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private @Nullable IoFailure nextFailure;
    private volatile @Nullable IoFailure stopReason;
    private int durableOperations;
    private int flushes;
    private int operations;

    /** Zeros; never larger than {@code capacityBytes} later. */
    public RamVolume(int sizeBytes, int capacityBytes, int logicalBlockBytes) {
        this.data = new byte[capacityBytes];
        this.sizeBytes = sizeBytes;
        this.logicalBlockBytes = logicalBlockBytes;
    }

    /** Zeros, logical blocks of 512 bytes. */
    public RamVolume(int sizeBytes) {
        this(sizeBytes, sizeBytes, 512);
    }

    /** From now on operations wait. */
    public void hold() {
        holding = true;
    }

    /** Lets the operations that wait take effect and complete, on the calling thread; later ones do not wait. */
    public void release() {
        holding = false;
        releaseHeld();
    }

    /** Like {@link #release}, but later operations wait again. */
    public void releaseHeld() {
        List<Runnable> ready;
        synchronized (held) {
            ready = new ArrayList<>(held);
            held.clear();
        }
        ready.forEach(Runnable::run);
    }

    /** From now on operations take effect and complete on a thread of this executor. */
    public void completeOn(Executor executor) {
        background = executor;
    }

    public int heldOperations() {
        synchronized (held) {
            return held.size();
        }
    }

    public synchronized void failNext(IoFailure failure) {
        nextFailure = failure;
    }

    @Override
    public CompletableFuture<VolumeDescription> grow(long newSizeBytes) {
        sizeBytes = newSizeBytes;
        return CompletableFuture.completedFuture(description());
    }

    public synchronized byte[] contents(int offset, int length) {
        return Arrays.copyOfRange(data, offset, offset + length);
    }

    public synchronized int durableOperations() {
        return durableOperations;
    }

    public synchronized int flushes() {
        return flushes;
    }

    public synchronized int operations() {
        return operations;
    }

    @Override
    public VolumeDescription description() {
        return new VolumeDescription(
                new UUID(0x0123456789ABCDEFL, 0x7766554433221100L), "ram", sizeBytes, logicalBlockBytes, false, 1);
    }

    @Override
    public VolumePort openPort(Executor loop) {
        return new Port();
    }

    /** As if another gateway had fenced it. */
    void fence() {
        stopReason = IoFailure.of(IoFailure.Kind.FENCED, "another gateway owns the volume");
    }

    @Override
    public @Nullable IoFailure stopReason() {
        return stopReason;
    }

    @Override
    public VolumeStatus status() {
        return new VolumeStatus(
                "open",
                0,
                0,
                0,
                0,
                -1,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                mappedBytes(),
                0,
                0,
                Map.of(),
                0,
                0,
                VolumeStatus.Condition.GOOD,
                VolumeStatus.Space.NONE);
    }

    @Override
    public ByteBuffer reservations() {
        return reservations.duplicate();
    }

    @Override
    public void storeReservations(ByteBuffer state, IoCompletion done) {
        reservations = state.asReadOnlyBuffer();
        done.complete(null);
    }

    @Override
    public CompletableFuture<Long> drain() {
        return CompletableFuture.completedFuture(0L);
    }

    @Override
    public CompletableFuture<CloseReport> close() {
        return CompletableFuture.completedFuture(new CloseReport(true, true, 0, 0));
    }

    private synchronized long mappedBytes() {
        return (long) mapped.cardinality() * BLOCK_BYTES;
    }

    private synchronized @Nullable IoFailure carryOut(boolean durable, Runnable effect) {
        operations++;
        IoFailure failure = nextFailure;
        nextFailure = null;
        if (failure == null) {
            effect.run();
            durableOperations += durable ? 1 : 0;
        }
        return failure;
    }

    private boolean outside(long offset, long length) {
        return offset < 0 || length < 0 || offset % 512 != 0 || length % 512 != 0 || offset + length > sizeBytes;
    }

    private void schedule(Runnable operation) {
        Executor executor = background;
        if (executor != null) {
            executor.execute(operation);
        } else if (holding) {
            synchronized (held) {
                held.add(operation);
            }
        } else {
            operation.run();
        }
    }

    /** One thread's way in. */
    private final class Port implements VolumePort {
        private final Thread owner = Thread.currentThread();
        private final List<Runnable> begun = new ArrayList<>();
        private boolean closed;

        private void confine() {
            Invariant.check(Thread.currentThread() == owner, "a port is used by the thread that opened it");
            Invariant.check(!closed, "the port is open");
        }

        @Override
        public void read(long offsetBytes, ByteBuffer destination, IoCompletion completion) {
            confine();
            if (outside(offsetBytes, destination.remaining())) {
                completion.complete(IoFailure.of(IoFailure.Kind.BAD_RANGE, "outside"));
                return;
            }
            schedule(() -> completion.complete(
                    carryOut(false, () -> destination.put(data, (int) offsetBytes, destination.remaining()))));
        }

        @Override
        public void write(long offsetBytes, ByteBuffer source, boolean durable, IoCompletion completion) {
            confine();
            if (outside(offsetBytes, source.remaining())) {
                completion.complete(IoFailure.of(IoFailure.Kind.BAD_RANGE, "outside"));
                return;
            }
            ByteBuffer bytes = source.duplicate();
            begun.add(() -> completion.complete(carryOut(durable, () -> put(offsetBytes, bytes))));
        }

        /** Nothing waits here. */
        @Override
        public long newDeadlineNanos() {
            return 0;
        }

        @Override
        public void read(long offsetBytes, ByteBuffer destination, long deadlineNanos, IoCompletion completion) {
            read(offsetBytes, destination, completion);
        }

        @Override
        public void write(
                long offsetBytes, ByteBuffer source, boolean durable, long deadlineNanos, IoCompletion completion) {
            write(offsetBytes, source, durable, completion);
        }

        private void put(long offsetBytes, ByteBuffer bytes) {
            mapped.set((int) (offsetBytes / BLOCK_BYTES), (int) ceiling(offsetBytes + bytes.remaining()));
            bytes.get(data, (int) offsetBytes, bytes.remaining());
        }

        private static long ceiling(long bytes) {
            return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
        }

        @Override
        public void fill(
                long offsetBytes, long lengthBytes, ByteBuffer pattern, boolean durable, IoCompletion completion) {
            confine();
            int step = pattern.remaining();
            boolean aligned =
                    (step == 512 || step == BLOCK_BYTES) && offsetBytes % step == 0 && lengthBytes % step == 0;
            if (outside(offsetBytes, lengthBytes) || !aligned || lengthBytes > FILL_BYTES_MAX) {
                completion.complete(IoFailure.of(IoFailure.Kind.BAD_RANGE, "outside"));
                return;
            }
            ByteBuffer bytes = pattern.duplicate();
            begun.add(() -> completion.complete(carryOut(durable, () -> {
                for (long at = offsetBytes; at < offsetBytes + lengthBytes; at += step) {
                    put(at, bytes.duplicate());
                }
            })));
        }

        @Override
        public void copy(
                long sourceBytes, long destinationBytes, long lengthBytes, boolean durable, IoCompletion completion) {
            confine();
            boolean overlap = Math.abs(sourceBytes - destinationBytes) < lengthBytes;
            boolean out = outside(sourceBytes, lengthBytes) || outside(destinationBytes, lengthBytes);
            if (out || overlap || lengthBytes > COPY_BYTES_MAX) {
                completion.complete(IoFailure.of(IoFailure.Kind.BAD_RANGE, "outside"));
                return;
            }
            begun.add(() -> completion.complete(carryOut(
                    durable,
                    () -> put(destinationBytes, ByteBuffer.wrap(Arrays.copyOfRange(data, (int) sourceBytes, (int)
                            (sourceBytes + lengthBytes)))))));
        }

        @Override
        public void mapping(long offsetBytes, long lengthBytes, int runsMax, MappingCompletion completion) {
            confine();
            if (outside(offsetBytes, lengthBytes)) {
                completion.complete(List.of(), IoFailure.of(IoFailure.Kind.BAD_RANGE, "outside"));
                return;
            }
            schedule(() -> {
                List<MappedRun> runs = new ArrayList<>();
                IoFailure failure =
                        carryOut(false, () -> addRuns(offsetBytes, offsetBytes + lengthBytes, runsMax, runs));
                completion.complete(runs, failure);
            });
        }

        private void addRuns(long from, long end, int runsMax, List<MappedRun> runs) {
            long at = from;
            while (at < end && runs.size() < runsMax) {
                int block = (int) (at / BLOCK_BYTES);
                boolean isMapped = mapped.get(block);
                int next = isMapped ? mapped.nextClearBit(block) : mapped.nextSetBit(block);
                long runEnd = next < 0 ? end : Math.min(end, (long) next * BLOCK_BYTES);
                runs.add(new MappedRun(at, runEnd - at, isMapped));
                at = runEnd;
            }
        }

        @Override
        public void unmap(long offsetBytes, long lengthBytes, boolean durable, IoCompletion completion) {
            confine();
            if (outside(offsetBytes, lengthBytes)) {
                completion.complete(IoFailure.of(IoFailure.Kind.BAD_RANGE, "outside"));
                return;
            }
            begun.add(() -> completion.complete(carryOut(durable, () -> unmapped(offsetBytes, lengthBytes))));
        }

        private void unmapped(long offsetBytes, long lengthBytes) {
            int first = (int) ceiling(offsetBytes);
            int end = (int) ((offsetBytes + lengthBytes) / BLOCK_BYTES);
            if (end > first) {
                mapped.clear(first, end);
            }
            Arrays.fill(data, (int) offsetBytes, (int) (offsetBytes + lengthBytes), (byte) 0);
        }

        @Override
        public void flush(IoCompletion completion) {
            confine();
            schedule(() -> completion.complete(carryOut(false, () -> flushes++)));
        }

        @Override
        public void submit() {
            confine();
            List<Runnable> batch = new ArrayList<>(begun);
            begun.clear();
            batch.forEach(RamVolume.this::schedule);
        }

        @Override
        public void close() {
            Invariant.check(begun.isEmpty(), "submitted before it is closed");
            closed = true;
        }
    }
}
