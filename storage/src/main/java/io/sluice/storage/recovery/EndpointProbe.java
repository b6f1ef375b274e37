package io.sluice.storage.recovery;

import io.sluice.config.VolumeSettings.Fencing;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Tests what an endpoint really does: conditional put, ranged get, listing after write, delete, and what time it has. A
 * store that lets two puts win would let two gateways write one volume, so it is refused, unless {@code fencing = none}.
 */
public final class EndpointProbe {
    /** From here on a difference of the clocks is told. */
    static final Duration SKEW_TOLD = Duration.ofMinutes(1);
    /** From here on it is refused: S3 refuses signatures at 15 minutes. */
    static final Duration SKEW_MAX = Duration.ofMinutes(14);

    private static final String TEXT = "sluice endpoint probe";
    private static final String WITHOUT =
            "; who makes sure by other means that only one gateway ever serves the volume can write fencing = none";

    private final ObjectStore store;
    private final String key;
    private final Fencing fencing;
    private final EngineClock clock;

    /** {@code key} is an object of its own for this probe; {@code store} is what it stands in, without any emulation. */
    public EndpointProbe(ObjectStore store, String key, Fencing fencing, EngineClock clock) {
        this.store = store;
        this.key = key;
        this.fencing = fencing;
        this.clock = clock;
    }

    /**
     * An endpoint that can be used.
     *
     * @param conditionalPut it knows put-if-absent; false only with {@code fencing = none}
     * @param warnings for the operator, one sentence each
     */
    public record Result(boolean conditionalPut, List<String> warnings) {
        /** Copies the warnings. */
        public Result {
            warnings = List.copyOf(warnings);
        }
    }

    /** Completes when the endpoint can be used; fails with {@code INVALID} and what is missing, or as the requests do. */
    public CompletableFuture<Result> run() {
        return conditionalPut()
                .thenCompose(conditional ->
                        rangeMustWork().thenCombine(listMustShowIt(), (range, listed) -> result(conditional)))
                .thenCompose(
                        result -> store.delete(List.of(key), RequestCause.ADMIN).thenApply(done -> result));
    }

    private static ByteBuffer body() {
        return ByteBuffer.wrap(TEXT.getBytes(StandardCharsets.US_ASCII));
    }

    /** Puts the object, and tells whether a second put that is to be refused is. */
    private CompletableFuture<Boolean> conditionalPut() {
        return store.put(key, body(), PutCondition.IF_ABSENT, RequestCause.ADMIN)
                .handle((tag, failure) -> failure)
                .thenCompose(failure -> {
                    if (failure == null || isKind(failure, ObjectStoreException.Kind.PRECONDITION_FAILED)) {
                        return secondPut(); // refused: an earlier attempt of our own
                    }
                    return isKind(failure, ObjectStoreException.Kind.INVALID)
                            ? refusesConditions(failure)
                            : CompletableFuture.failedFuture(failure);
                });
    }

    private CompletableFuture<Boolean> secondPut() {
        return store.put(key, body(), PutCondition.IF_ABSENT, RequestCause.ADMIN)
                .handle((tag, failure) -> {
                    if (failure == null && fencing != Fencing.NONE) {
                        throw new CompletionException(missing(
                                "conditional put (If-None-Match: *): it overwrote an"
                                        + " existing object, so that two gateways could write one volume" + WITHOUT,
                                null));
                    }
                    if (failure != null && !isKind(failure, ObjectStoreException.Kind.PRECONDITION_FAILED)) {
                        throw new CompletionException(failure);
                    }
                    return failure != null;
                });
    }

    private CompletableFuture<Boolean> refusesConditions(Throwable failure) {
        if (fencing != Fencing.NONE) {
            return CompletableFuture.failedFuture(missing(
                    "conditional put (If-None-Match: *): it refuses such a request, and without it two gateways could"
                            + " write one volume" + WITHOUT,
                    failure));
        }
        return store.put(key, body(), PutCondition.ALWAYS, RequestCause.ADMIN).thenApply(tag -> false);
    }

    private static boolean isKind(Throwable failure, ObjectStoreException.Kind kind) {
        ObjectStoreException known = ObjectStoreException.find(failure);
        return known != null && known.kind() == kind;
    }

    private CompletableFuture<Void> rangeMustWork() {
        return store.getRange(key, 7, 8, RequestCause.ADMIN).thenAccept(bytes -> {
            byte[] got = new byte[bytes.remaining()];
            bytes.duplicate().get(got);
            if (!new String(got, StandardCharsets.US_ASCII).equals(TEXT.substring(7, 15))) {
                throw new CompletionException(missing("ranged get: other bytes came back than were asked for", null));
            }
        });
    }

    private CompletableFuture<Void> listMustShowIt() {
        return store.list(key, null, 10, RequestCause.ADMIN).thenAccept(page -> {
            if (page.objects().stream().noneMatch(object -> object.key().equals(key))) {
                throw new CompletionException(
                        missing("listing after write: an object just stored is not listed", null));
            }
        });
    }

    /** Right after an answer: the server's time is as old as its way back. */
    private Result result(boolean conditionalPut) {
        List<String> warnings = new ArrayList<>();
        if (fencing == Fencing.NONE) {
            warnings.add(
                    "fencing = none: nothing keeps a second gateway from writing this volume at the same time, which"
                            + " destroys it; "
                            + (conditionalPut
                                    ? "the store knows conditional puts, so write fencing = conditional-put"
                                    : "the store does not know conditional puts"));
        }
        OptionalLong server = store.serverTimeMillis();
        if (server.isPresent()) {
            skew(clock.wallTime().toEpochMilli() - server.getAsLong(), warnings);
        }
        return new Result(conditionalPut, warnings);
    }

    private void skew(long aheadMillis, List<String> warnings) {
        String text = "the clock of this machine is " + Math.abs(aheadMillis) / 1000 + " s "
                + (aheadMillis > 0 ? "ahead of" : "behind") + " that of " + store.describe();
        if (Math.abs(aheadMillis) > SKEW_MAX.toMillis()) {
            throw new CompletionException(new ObjectStoreException(
                    ObjectStoreException.Kind.INVALID,
                    text + "; S3 refuses requests at a difference of 15 minutes: set the clock (NTP)",
                    null));
        }
        if (Math.abs(aheadMillis) > SKEW_TOLD.toMillis()) {
            warnings.add(text + "; at a difference of 15 minutes S3 refuses requests: set the clock (NTP)");
        }
    }

    private ObjectStoreException missing(String what, @Nullable Throwable cause) {
        return new ObjectStoreException(
                ObjectStoreException.Kind.INVALID, store.describe() + " does not do what Sluice needs: " + what, cause);
    }
}
