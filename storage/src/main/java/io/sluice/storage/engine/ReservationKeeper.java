package io.sluice.storage.engine;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The persistent reservations of an opened volume: those that count, and those that the next manifest is to name.
 *
 * <pre>
 *              store()                    in the bucket
 *   SETTLED ─────────────▶ STORING ────────────────────────▶ SETTLED, the new ones count
 *      ▲                      │ LIMIT is over: BUSY
 *      │   in the bucket      ▼
 *      └────────────────── UNDOING   the old ones count; whether the bucket has the refused ones is not known
 * </pre>
 *
 * <ol>
 *   <li>{@code kept} was acknowledged, or stood in the manifest of the opening.
 *   <li>A manifest that is composed names {@code wanted}. In SETTLED and UNDOING that is {@code kept}: what was refused
 *       cannot come into a manifest that was not composed before.
 *   <li>A store that begins in UNDOING is composed behind the refused ones and so replaces them.
 * </ol>
 *
 * Confined to the volume's lane, except {@link #kept}.
 */
final class ReservationKeeper {
    private static final Logger log = LoggerFactory.getLogger(ReservationKeeper.class);

    /** Hosts give a command 30 seconds or more, clusters want to know sooner. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    /** Manifests of the same checkpoint root that are removed together, so that a removal is rare. */
    static final int PASSING_MANIFESTS_MAX = 64;

    private final String volumeName;
    private final Lane lane;
    private final VolumeHealth health;
    private final ManifestKeeper manifests;
    private final ManifestStore manifestStore;
    private final ArrayDeque<Long> passing = new ArrayDeque<>();
    private CheckpointRoot newestRoot;
    private volatile ByteBuffer kept;
    private ByteBuffer wanted;
    private @Nullable Attempt storing;

    ReservationKeeper(VolumeParts parts, ManifestKeeper manifests) {
        this.volumeName = parts.settings().name();
        this.lane = parts.lane();
        this.health = parts.health();
        this.manifests = manifests;
        this.manifestStore = parts.manifests();
        this.newestRoot = parts.manifest().checkpoint();
        this.kept = parts.manifest().reservations();
        this.wanted = kept;
    }

    /** One call of {@link #store}, compared by identity. */
    private static final class Attempt {
        private final ByteBuffer state;
        private final IoCompletion done;
        private final Cancellable limit;

        Attempt(ByteBuffer state, IoCompletion done, Cancellable limit) {
            this.state = state;
            this.done = done;
            this.limit = limit;
        }
    }

    /** Those that count. Thread-safe. */
    ByteBuffer kept() {
        return kept.duplicate();
    }

    /** As {@link io.sluice.storage.volume.Volume#storeReservations}. */
    void store(ByteBuffer state, IoCompletion done) {
        Invariant.check(lane.isCurrent(), "reservations are confined to the volume's lane");
        Invariant.check(storing == null, "reservations are stored one after another");
        IoFailure refusal = health.refusal();
        if (refusal != null) {
            done.complete(refusal);
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(state.remaining())
                .put(state.duplicate())
                .flip()
                .asReadOnlyBuffer();
        Attempt attempt = new Attempt(copy, done, lane.schedule(LIMIT, this::giveUp));
        storing = attempt;
        wanted = copy;
        update(attempt);
    }

    private void update(@Nullable Attempt attempt) {
        Futures.then(
                manifests.update(next -> next.reservations(wanted.duplicate())),
                lane,
                (manifest, failure) -> ended(attempt, manifest, failure));
    }

    private void ended(@Nullable Attempt attempt, @Nullable Manifest manifest, @Nullable Throwable failure) {
        if (manifest != null) {
            notePassing(manifest);
        }
        if (attempt == null || attempt != storing) {
            return;
        }
        storing = null;
        attempt.limit.cancel();
        if (manifest != null) {
            kept = attempt.state;
            attempt.done.complete(null);
        } else {
            wanted = kept;
            IoFailure stopped = health.stopReason();
            String why = failure == null ? "no manifest" : String.valueOf(failure.getMessage());
            attempt.done.complete(stopped == null ? IoFailure.of(IoFailure.Kind.CLOSED, why) : stopped);
        }
    }

    private void giveUp() {
        Attempt attempt = storing;
        if (attempt == null) {
            return;
        }
        storing = null;
        wanted = kept;
        log.warn(
                "volume {}: the bucket did not take persistent reservations within {} s; the host is told to try again,"
                        + " the reservations of before stay in force and are put over what may have been taken",
                volumeName,
                LIMIT.toSeconds());
        update(null);
        attempt.done.complete(IoFailure.of(
                IoFailure.Kind.BUSY, "the bucket did not take the reservations within " + LIMIT.toSeconds() + " s"));
    }

    /** A manifest that names the same checkpoint as the one before it has had its day as soon as there is a newer one. */
    private void notePassing(Manifest made) {
        boolean sameRoot = made.checkpoint().equals(newestRoot);
        newestRoot = made.checkpoint();
        Long newest = passing.peekLast();
        if (!sameRoot || (newest != null && newest == made.number())) {
            return;
        }
        passing.add(made.number());
        if (passing.size() > PASSING_MANIFESTS_MAX) {
            List<Long> old = new ArrayList<>();
            while (passing.size() > 1) {
                old.add(passing.remove());
            }
            var unused = manifestStore.remove(old, made.number()).exceptionally(failure -> {
                log.debug("volume {}: old manifests stay for a later removal: {}", volumeName, failure.getMessage());
                return null;
            });
        }
    }
}
