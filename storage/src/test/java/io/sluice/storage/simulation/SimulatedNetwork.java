package io.sluice.storage.simulation;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.runtime.SimulatedScheduler;
import io.sluice.storage.runtime.SuppressForbidden;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings requests of simulated processes to the bucket, as well as the {@link Weather} allows. A request is on its way on
 * its own: it arrives, or not, though the process that sent it may be dead by then; answers go to living processes alone.
 */
@SuppressForbidden("seeded generators")
final class SimulatedNetwork {
    private static final Duration TIMEOUT = Duration.ofSeconds(8);
    private static final int LATE_MILLIS_MAX = 60_000;

    /** Sees what reaches the bucket. */
    interface Listener {
        /** The bucket has done it; {@code keys} are those of its objects, or the prefix of a listing. */
        void applied(ObjectOperation operation, List<String> keys, RequestCause cause);
    }

    private enum Fate {
        FINE,
        THROTTLED,
        REFUSED,
        RESET,
        LOST,
        LOST_REPLY,
        LATE,
        SHORT
    }

    private final SimulatedScheduler scheduler;
    private final ObjectStore bucket;
    private final Random random;
    private final Lane lane;
    private Weather weather = Weather.fine();
    private Listener listener = (operation, keys, cause) -> {};
    private long sent;
    private long faults;

    SimulatedNetwork(SimulatedScheduler scheduler, ObjectStore bucket, long seed) {
        this.scheduler = scheduler;
        this.bucket = bucket;
        this.random = new Random(seed);
        this.lane = new SimulatedRuntime(scheduler, "").lane("network");
    }

    void listener(Listener next) {
        listener = next;
    }

    void weather(Weather next) {
        weather = next;
        scheduler.note("weather", next.outage() ? "outage" : "", next.pageObjects(), next.isFine() ? 0 : 1);
    }

    Weather weather() {
        return weather;
    }

    /** Requests sent so far, repeated ones too. */
    long sent() {
        return sent;
    }

    /** How many of them did not go well. */
    long faults() {
        return faults;
    }

    /** The bucket as {@code process} sees it; {@code beforeSending} is told of each request. */
    ObjectStore client(SimulatedRuntime process, Runnable beforeSending) {
        return new Client(process.lane("answers"), beforeSending);
    }

    private Fate draw(ObjectOperation operation) {
        double at = random.nextDouble();
        if (weather.outage()) {
            return at < 0.7 ? Fate.REFUSED : Fate.LOST;
        }
        double[] shares = {
            weather.throttled(),
            weather.refused(),
            weather.reset(),
            weather.lost() / 2,
            weather.lost() / 2,
            weather.late(),
            weather.shortRead()
        };
        Fate[] fates = {Fate.THROTTLED, Fate.REFUSED, Fate.RESET, Fate.LOST, Fate.LOST_REPLY, Fate.LATE, Fate.SHORT};
        for (int i = 0; i < shares.length; i++) {
            at -= shares[i];
            if (at < 0) {
                return fates[i] == Fate.SHORT && operation.isMutating() ? Fate.FINE : fates[i];
            }
        }
        return Fate.FINE;
    }

    private Duration latency() {
        long nanos = 1 + (long) (random.nextDouble() * weather.latencyMax().toNanos());
        if (random.nextDouble() >= weather.slow()) {
            return Duration.ofNanos(nanos);
        }
        faults++;
        return Duration.ofNanos(nanos * (1 + random.nextInt(100)));
    }

    /** One process's way to the bucket. */
    private final class Client implements ObjectStore {
        private final Lane answers;
        private final Runnable beforeSending;

        Client(Lane answers, Runnable beforeSending) {
            this.answers = answers;
            this.beforeSending = beforeSending;
        }

        private <T> CompletableFuture<T> send(
                ObjectOperation operation,
                List<String> keys,
                RequestCause cause,
                Supplier<CompletableFuture<T>> request) {
            beforeSending.run();
            CompletableFuture<T> result = new CompletableFuture<>();
            Fate fate = draw(operation);
            long number = ++sent;
            faults += fate == Fate.FINE ? 0 : 1;
            scheduler.note("send " + operation.label() + " " + cause + " " + fate, subject(keys), number, keys.size());
            switch (fate) {
                case THROTTLED -> answer(result, number, failure(Kind.THROTTLED, operation, keys, "slow down"));
                case REFUSED -> answer(result, number, failure(Kind.UNAVAILABLE, operation, keys, "internal error"));
                case LOST -> timeOut(result, number, operation, keys);
                case LATE -> {
                    timeOut(result, number, operation, keys);
                    Duration delay = TIMEOUT.plusMillis(random.nextInt(LATE_MILLIS_MAX));
                    arriveAfter(delay, operation, keys, cause, number, request, (value, failure) -> {});
                }
                case LOST_REPLY -> {
                    timeOut(result, number, operation, keys);
                    arriveAfter(latency(), operation, keys, cause, number, request, (value, failure) -> {});
                }
                case RESET, SHORT ->
                    arriveAfter(
                            latency(),
                            operation,
                            keys,
                            cause,
                            number,
                            request,
                            (value, failure) -> answer(
                                    result, number, failure(Kind.UNAVAILABLE, operation, keys, "connection reset")));
                case FINE ->
                    arriveAfter(
                            latency(),
                            operation,
                            keys,
                            cause,
                            number,
                            request,
                            (value, failure) -> answers.schedule(latency(), () -> {
                                scheduler.note("answer", subject(keys), number, failure == null ? 0 : 1);
                                if (failure == null) {
                                    result.complete(value);
                                } else {
                                    result.completeExceptionally(failure);
                                }
                            }));
            }
            return result;
        }

        private <T> void timeOut(
                CompletableFuture<T> result, long number, ObjectOperation operation, List<String> keys) {
            answers.schedule(TIMEOUT, () -> {
                scheduler.note("timeout", subject(keys), number, 0);
                result.completeExceptionally(failure(Kind.UNAVAILABLE, operation, keys, "timed out"));
            });
        }

        private <T> void answer(CompletableFuture<T> result, long number, ObjectStoreException failure) {
            answers.schedule(latency(), () -> {
                scheduler.note("answer", String.valueOf(failure.kind()), number, 2);
                result.completeExceptionally(failure);
            });
        }

        private <T> void arriveAfter(
                Duration delay,
                ObjectOperation operation,
                List<String> keys,
                RequestCause cause,
                long number,
                Supplier<CompletableFuture<T>> request,
                java.util.function.BiConsumer<@Nullable T, @Nullable Throwable> then) {
            lane.schedule(delay, () -> {
                var unused = request.get().whenComplete((value, failure) -> {
                    scheduler.note("applied " + operation.label(), subject(keys), number, failure == null ? 0 : 1);
                    if (failure == null) {
                        scheduler.checked(() -> listener.applied(operation, keys, cause));
                    }
                    then.accept(value, failure);
                });
            });
        }

        private static String subject(List<String> keys) {
            return keys.isEmpty() ? "" : keys.get(0);
        }

        private static ObjectStoreException failure(
                Kind kind, ObjectOperation operation, List<String> keys, String what) {
            return new ObjectStoreException(
                    kind, operation.label() + " '" + subject(keys) + "': " + what + " (simulated)", null);
        }

        @Override
        public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
            return send(ObjectOperation.GET, List.of(key), cause, () -> bucket.get(key, cause));
        }

        @Override
        public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
            return send(
                    ObjectOperation.GET_RANGE, List.of(key), cause, () -> bucket.getRange(key, offset, length, cause));
        }

        @Override
        public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
            ByteBuffer sentBody = copy(body);
            return send(
                    ObjectOperation.of(condition),
                    List.of(key),
                    cause,
                    () -> bucket.put(key, sentBody.duplicate(), condition, cause));
        }

        @Override
        public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
            ByteBuffer sentBody = copy(body);
            return send(
                    ObjectOperation.PUT_IF_MATCH,
                    List.of(key),
                    cause,
                    () -> bucket.putIfMatch(key, sentBody.duplicate(), entityTag, cause));
        }

        /** The sender may use its buffer again as soon as it has an answer; a late request must not see that. */
        private static ByteBuffer copy(ByteBuffer body) {
            ByteBuffer copy = ByteBuffer.allocate(body.remaining());
            return copy.put(body.duplicate()).flip();
        }

        @Override
        public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
            return send(ObjectOperation.HEAD, List.of(key), cause, () -> bucket.head(key, cause));
        }

        @Override
        public CompletableFuture<ObjectPage> list(
                String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
            int page = Math.min(limit, weather.pageObjects());
            return send(
                    ObjectOperation.LIST, List.of(prefix), cause, () -> bucket.list(prefix, startAfter, page, cause));
        }

        @Override
        public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
            List<String> all = List.copyOf(keys);
            return send(ObjectOperation.DELETE, all, cause, () -> bucket.delete(all, cause));
        }

        @Override
        public String describe() {
            return "simulated bucket";
        }

        @Override
        public void close() {}
    }
}
