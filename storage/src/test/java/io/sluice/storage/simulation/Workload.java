package io.sluice.storage.simulation;

import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.simulation.Change.Safety;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hosts of one gateway: several operations at a time on several ports, each checked when it ends against the model, and for
 * the time it took.
 */
@SuppressForbidden("seeded generators")
final class Workload {
    /** The journal's time-out, and what a slow disk and coarse timers add. */
    private static final Duration WRITE_BOUND = Duration.ofSeconds(28);
    /** {@code read-wait}, and the same on top. */
    private static final Duration READ_BOUND = Duration.ofSeconds(28);
    /** What waits for the bucket to take something waits as long as an outage. */
    private static final Duration UNBOUNDED = Duration.ofDays(365);

    private static final int IN_FLIGHT_MAX = 10;

    private final World world;
    private final Gateway gateway;
    private final ModelVolume model;
    private final Durables durables;
    private final Random random;
    private final List<Pending> pending = new ArrayList<>();
    private long operations;
    private long forced;
    private long blocksWritten;
    private long sectorsRead;
    private long @Nullable [] successorFound;

    /** Something that a host waits for. */
    private static final class Pending {
        private final String what;
        private final Duration bound;
        private long beganNanos;

        Pending(String what, long beganNanos, Duration bound) {
            this.what = what;
            this.beganNanos = beganNanos;
            this.bound = bound;
        }

        @Override
        public String toString() {
            return what;
        }
    }

    Workload(World world, Gateway gateway, ModelVolume model, Durables durables) {
        this.world = world;
        this.gateway = gateway;
        this.model = model;
        this.durables = durables;
        this.random = world.random();
    }

    ModelVolume model() {
        return model;
    }

    boolean isQuiet() {
        return pending.isEmpty();
    }

    /** What hosts still wait for. */
    String pending() {
        return pending.toString();
    }

    long operations() {
        return operations;
    }

    /** Operations that make the flusher write before its time. */
    long forced() {
        return forced;
    }

    long blocksWritten() {
        return blocksWritten;
    }

    long sectorsRead() {
        return sectorsRead;
    }

    /** Another gateway found this when it took over: what is drained here from now on must have been in it. */
    void successorFound(long[] found) {
        successorFound = found;
    }

    /** Nothing that hosts waited for will be told any more. */
    void forget() {
        pending.clear();
    }

    void beginSomething() {
        if (pending.size() >= IN_FLIGHT_MAX) {
            return;
        }
        operations++;
        Gateway.Port port = gateway.ports().get(random.nextInt(gateway.ports().size()));
        switch (random.nextInt(24)) {
            case 0, 1 -> flush(port);
            case 2 -> drain();
            case 3, 4, 5, 6 -> read(port);
            case 7 -> mapping(port);
            case 8, 9 -> change(port, Change.Kind.UNMAP);
            case 10, 11 -> change(port, Change.Kind.FILL);
            case 12, 13, 14 -> change(port, Change.Kind.COPY);
            case 15 -> {
                if (random.nextInt(8) == 0 && !gateway.isSuperseded()) {
                    grow();
                } else {
                    reserve();
                }
            }
            default -> change(port, Change.Kind.WRITE);
        }
    }

    /** Fails when a host has waited longer than it may. */
    void checkBounds() {
        if (gateway.isStopped() || gateway.isDead()) {
            return;
        }
        long now = world.scheduler().nowNanos();
        for (Pending one : pending) {
            SimulationFailure.unless(
                    now - one.beganNanos <= one.bound.toNanos(),
                    one.what + " has waited for " + Duration.ofNanos(now - one.beganNanos) + " without an answer");
        }
    }

    /** After a stop (SIGSTOP) hosts have waited, too; the bounds begin anew. */
    void forgive() {
        long now = world.scheduler().nowNanos();
        pending.forEach(one -> one.beganNanos = now);
    }

    private void begin(
            Gateway.Port port,
            String what,
            Duration bound,
            BiConsumer<VolumePort, IoCompletion> operation,
            Consumer<@Nullable IoFailure> ended) {
        begin(port, new Pending(what, world.scheduler().nowNanos(), bound), operation, ended);
    }

    private void begin(
            Gateway.Port port,
            Pending one,
            BiConsumer<VolumePort, IoCompletion> operation,
            Consumer<@Nullable IoFailure> ended) {
        String what = one.what;
        pending.add(one);
        world.scheduler().note("begin", what, 0, 0);
        gateway.begin(port, operation, failure -> {
            pending.remove(one);
            world.scheduler().note(failure == null ? "end" : "end " + failure.kind(), what, 0, 0);
            if (failure != null) {
                judge(what, failure);
            }
            ended.accept(failure);
        });
    }

    private void judge(String what, IoFailure failure) {
        boolean diskFailed = gateway.trouble().hasFailed();
        boolean excused = switch (failure.kind()) {
            case BUSY -> !world.setup().calm() || gateway.wasStopped();
            case FENCED -> gateway.isSuperseded();
            case CLOSED -> gateway.isClosing() || gateway.isSuperseded() || diskFailed;
            case WRITE_FAILED, NO_SPACE -> diskFailed;
            case UNREADABLE -> diskFailed;
            // The successor may have made the volume larger.
            case BAD_RANGE -> gateway.isSuperseded();
            case READ_ONLY -> false;
        };
        SimulationFailure.unless(excused, what + " failed without a reason: " + failure);
    }

    private void flush(Gateway.Port port) {
        long beganAt = model.tick();
        boolean toBucket = world.setup().flushesToTheBucket();
        forced += toBucket ? 1 : 0;
        begin(port, "flush", toBucket ? UNBOUNDED : WRITE_BOUND, VolumePort::flush, failure -> {
            if (failure == null && toBucket) {
                inBucket(beganAt);
            } else if (failure == null) {
                model.onDisk(beganAt);
            }
        });
    }

    private void inBucket(long beganAt) {
        model.inBucket(beganAt);
        long[] found = successorFound;
        String wrong = found == null ? null : model.foundInBucket(found);
        SimulationFailure.unless(wrong == null, "drained by a gateway that was superseded: " + wrong);
    }

    /** Something new that must come to the bucket, or fail. */
    void beginWriteAndDrain() {
        Gateway.Port port = gateway.ports().get(0);
        Change change = model.begin(Change.Kind.WRITE, 0, 8, model.freshStamps(8), 0);
        begin(port, "last write", READ_BOUND, operation(change, false), failure -> {
            if (failure == null) {
                model.succeeded(change, Safety.ACKNOWLEDGED);
            } else {
                model.failed(change);
            }
            drain();
        });
    }

    /** Everything acknowledged so far is to come to the bucket. */
    void drain() {
        long beganAt = model.tick();
        forced++;
        Pending one = new Pending("drain", world.scheduler().nowNanos(), UNBOUNDED);
        pending.add(one);
        world.scheduler().note("begin", "drain", 0, 0);
        var unused = gateway.opened()
                .volume()
                .drain()
                .whenComplete((sequence, failure) -> world.scheduler().checked(() -> drained(one, beganAt, failure)));
    }

    private void drained(Pending one, long beganAt, @Nullable Throwable failure) {
        if (gateway.isDead()) {
            return;
        }
        pending.remove(one);
        world.scheduler().note("end", "drain", failure == null ? 0 : 1, 0);
        if (failure == null) {
            inBucket(beganAt);
        } else {
            boolean excused = gateway.isClosing()
                    || gateway.isSuperseded()
                    || gateway.trouble().hasFailed();
            SimulationFailure.unless(excused, "a drain failed without a reason: " + failure);
        }
    }

    private void read(Gateway.Port port) {
        int count = 1 + random.nextInt(Math.min(durables.sectors(), random.nextInt(4) == 0 ? 256 : 24));
        int from = random.nextInt(durables.sectors() - count + 1);
        readThen(port, from, count, unused -> {});
    }

    /** Reads and checks; {@code then} gets what was read, unless that failed. */
    void readThen(Gateway.Port port, int from, int count, Consumer<long[]> then) {
        ByteBuffer destination = ByteBuffer.allocate(count * Sectors.BYTES);
        long beganAt = model.tick();
        sectorsRead += count;
        begin(
                port,
                "read " + from + "+" + count,
                READ_BOUND,
                (on, done) -> on.read((long) from * Sectors.BYTES, destination, done),
                failure -> {
                    if (failure == null) {
                        long[] found = Sectors.stamps(destination, from);
                        String wrong = model.read(found, from, beganAt);
                        SimulationFailure.unless(wrong == null, "a read is wrong: " + wrong);
                        then.accept(found);
                    }
                });
    }

    private void mapping(Gateway.Port port) {
        int from = random.nextInt(durables.sectors());
        int count = 1 + random.nextInt(durables.sectors() - from);
        long beganAt = model.tick();
        MappingCheck check = new MappingCheck(from, count, 1 + random.nextInt(20));
        sectorsRead += count;
        begin(port, "mapping " + from + "+" + count, READ_BOUND, check::start, failure -> {
            if (failure == null) {
                check.verify(model, beganAt);
            }
        });
    }

    private void change(Gateway.Port port, Change.Kind kind) {
        int align = random.nextInt(3) == 0 ? 1 : 8;
        int longest = random.nextInt(12) == 0 ? 400 : 24;
        int count = Math.min(durables.sectors() / 2 - 8, align * (1 + random.nextInt(longest)));
        int from = random.nextInt((durables.sectors() - count) / align + 1) * align;
        if (kind == Change.Kind.COPY) {
            copy(port, from, count);
            return;
        }
        Change change = switch (kind) {
            case WRITE -> model.begin(kind, from, count, model.freshStamps(count), 0);
            case FILL -> model.begin(kind, from, count, model.freshStamps(1), 0);
            default -> model.begin(kind, from, count, 0, 0);
        };
        begin(port, change);
    }

    /** From the first half of the first size to behind it, so that what a source may hold never depends on a copy. */
    private void copy(Gateway.Port port, int from, int count) {
        int half = world.setup().blocks() * BlockHistory.SECTORS / 2;
        int to = half + from % (durables.sectors() - half);
        int length = Math.min(Math.min(count, durables.sectors() - to), half);
        int skew = random.nextInt(4) == 0 ? random.nextInt(8) : to % 8;
        int source = Math.min(half - length, (random.nextInt(half) & ~7) + skew);
        begin(port, model.begin(Change.Kind.COPY, to, length, 0, source));
    }

    private void begin(Gateway.Port port, Change change) {
        boolean durable = random.nextInt(10) == 0;
        boolean toBucket = durable && world.setup().flushesToTheBucket();
        forced += toBucket ? 1 : 0;
        blocksWritten += change.count() / 8 + 2;
        Duration bound = toBucket ? UNBOUNDED : WRITE_BOUND;
        String what = change.kind() + " " + change.from() + "+" + change.count() + (durable ? " durable" : "");
        Pending one = new Pending(what, world.scheduler().nowNanos(), bound);
        begin(port, one, operation(change, durable), failure -> {
            if (failure != null) {
                model.failed(change);
            } else {
                model.succeeded(change, toBucket ? Safety.IN_BUCKET : durable ? Safety.ON_DISK : Safety.ACKNOWLEDGED);
            }
        });
    }

    private BiConsumer<VolumePort, IoCompletion> operation(Change change, boolean durable) {
        long offset = (long) change.from() * Sectors.BYTES;
        long length = (long) change.count() * Sectors.BYTES;
        switch (change.kind()) {
            case WRITE -> {
                ByteBuffer data = Sectors.stamped(change.stamp(), 1, change.count());
                return (on, done) -> on.write(offset, data, durable, usingUp(data, done));
            }
            case FILL -> {
                boolean blocks = change.from() % 8 == 0 && change.count() % 8 == 0 && change.stamp() % 2 == 0;
                ByteBuffer pattern = Sectors.stamped(change.stamp(), 0, blocks ? 8 : 1);
                return (on, done) -> on.fill(offset, length, pattern, durable, usingUp(pattern, done));
            }
            case COPY -> {
                long source = (long) change.source() * Sectors.BYTES;
                return (on, done) -> on.copy(source, offset, length, durable, done);
            }
            default -> {
                return (on, done) -> on.unmap(offset, length, durable, done);
            }
        }
    }

    /** As a target does with its memory: when the operation has ended, something else stands there at once. */
    private static IoCompletion usingUp(ByteBuffer data, IoCompletion done) {
        ByteBuffer memory = data.duplicate();
        return failure -> {
            for (int i = 0; i < memory.limit(); i++) {
                memory.put(i, (byte) 0xa5);
            }
            done.complete(failure);
        };
    }

    private void grow() {
        int to = durables.sectors() + 8 * (1 + random.nextInt(200));
        if (to > world.setup().blocksMax() * BlockHistory.SECTORS) {
            return;
        }
        durables.growing(to);
        var unused = gateway.opened().volume().grow((long) to * Sectors.BYTES).whenComplete((description, failure) -> {
            if (!gateway.isDead() && failure == null) {
                world.scheduler().note("grown", "", to, 0);
                durables.grown(to);
            }
        });
    }

    private void reserve() {
        if (gateway.isSuperseded() || pending.stream().anyMatch(one -> one.what.equals("reserve"))) {
            return;
        }
        long stamp = model.freshStamps(1);
        durables.reserving(stamp);
        ByteBuffer state = ByteBuffer.allocate(Long.BYTES).putLong(stamp).flip();
        Pending one = new Pending("reserve", world.scheduler().nowNanos(), WRITE_BOUND);
        pending.add(one);
        gateway.opened()
                .volume()
                .storeReservations(state, failure -> world.scheduler().checked(() -> reserved(one, stamp, failure)));
    }

    private void reserved(Pending one, long stamp, @Nullable IoFailure failure) {
        if (gateway.isDead()) {
            return;
        }
        pending.remove(one);
        world.scheduler().note("end", "reserve", failure == null ? 0 : 1, 0);
        if (failure != null) {
            judge("reserve", failure);
        } else if (!gateway.isSuperseded()) {
            // A process that was stopped hears late of what was done before its successor opened the volume.
            durables.reserved(stamp);
        }
    }
}
