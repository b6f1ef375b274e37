package io.sluice.storage.engine;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.FencedException;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The series of this volume's segments: gives the numbers, has segments built, uploads them side by side, and commits
 * them in order.
 *
 * <pre>
 *   append ─▶ numbered ─▶ built ─▶ uploaded ─▶ committed
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Numbers follow the order of {@link #append}; a number that was given is uploaded until it is durable, or the volume
 *       stops.
 *   <li>A segment is committed only when all lower numbers are: the bucket alone is a prefix.
 *   <li>An entry without content takes no number and waits in line for its commit like any other.
 * </ol>
 *
 * <p>Confined to the volume's lane, apart from {@link #committedSegment}.
 */
final class SegmentSeries {
    private static final Logger log = LoggerFactory.getLogger(SegmentSeries.class);

    private final String volumeName;
    private final EngineRuntime runtime;
    private final Lane lane;
    private final SegmentCodec codec;
    private final SegmentStore segments;
    private final CommittedMap committed;
    private final VolumeHealth health;
    private final long epoch;
    private final ArrayDeque<Place> places = new ArrayDeque<>();
    private final Runnable afterCommit;
    private Runnable afterUpload = () -> {};
    private Runnable whenIdle = () -> {};
    private long nextNumber;
    private volatile long committedSegment;

    /** What becomes one segment. */
    interface Entry {
        /** Whether it needs a segment at all. */
        boolean isEmpty();

        /** The kind of the segment. */
        SegmentHeader.Kind kind();

        /** For the bill. */
        RequestCause cause();

        /** Fills and seals it; runs on a worker. */
        SealedSegment build(SegmentBuilder builder) throws IOException;

        /**
         * Its turn has come: it and all before it are durable, and the committed mapping knows it. On the lane; {@code header}
         * is null when it was empty.
         */
        void committed(@Nullable SegmentHeader header);

        /** Its upload was begun, on the lane; may begin again after a failure. */
        default void uploading() {}

        /** Its upload succeeded, on the lane. */
        default void uploaded() {}
    }

    private static final class Place {
        private final Entry entry;
        private final long number;
        private @Nullable SealedSegment sealed;
        private boolean uploaded;
        private int failures;

        Place(Entry entry, long number) {
            this.entry = entry;
            this.number = number;
        }
    }

    /** {@code afterCommit} runs on the lane after each commit of a segment. */
    SegmentSeries(VolumeParts parts, Runnable afterCommit) {
        this.volumeName = parts.settings().name();
        this.runtime = parts.runtime();
        this.lane = parts.lane();
        this.codec = parts.codec();
        this.segments = parts.segments();
        this.committed = parts.committed();
        this.health = parts.health();
        this.epoch = parts.epoch();
        this.afterCommit = afterCommit;
        this.nextNumber = committed.lastSegment() + 1;
        this.committedSegment = committed.lastSegment();
    }

    /** {@code task} runs on the lane after each upload, when the segments that could be committed are. */
    void whenUploaded(Runnable task) {
        afterUpload = task;
    }

    /** Takes the next place in the series. */
    void append(Entry entry) {
        Invariant.check(lane.isCurrent(), "the series is confined to the volume's lane");
        Place place = new Place(entry, entry.isEmpty() ? 0 : nextNumber++);
        places.add(place);
        if (entry.isEmpty()) {
            place.uploaded = true;
            commitReady();
        } else {
            runtime.background().execute(() -> build(place));
        }
    }

    /** The newest segment that counts; on any thread. */
    long committedSegment() {
        return committedSegment;
    }

    /** The number that the next segment will get. */
    long nextNumber() {
        return nextNumber;
    }

    /** True when nothing is on its way. */
    boolean isIdle() {
        return places.isEmpty();
    }

    /** {@code task} runs on the lane as soon as nothing is on its way. */
    void whenIdle(Runnable task) {
        whenIdle = task;
        tellIdle();
    }

    private void tellIdle() {
        if (places.isEmpty()) {
            Runnable task = whenIdle;
            whenIdle = () -> {};
            task.run();
        }
    }

    private void build(Place place) {
        try {
            SealedSegment sealed = place.entry.build(codec.builder(place.number, epoch, place.entry.kind()));
            lane.execute(() -> {
                place.sealed = sealed;
                upload(place);
            });
        } catch (IOException | RuntimeException failure) {
            lane.execute(() -> health.failed("a segment could not be built", failure));
        }
    }

    private static SealedSegment sealed(Place place) {
        SealedSegment sealed = place.sealed;
        if (sealed == null) {
            throw new IllegalStateException("segment " + place.number + " is not built");
        }
        return sealed;
    }

    private void upload(Place place) {
        if (health.stopReason() != null) {
            return;
        }
        place.entry.uploading();
        Futures.then(
                segments.put(sealed(place), place.entry.cause()), lane, (done, failure) -> uploaded(place, failure));
    }

    private void uploaded(Place place, @Nullable Throwable failure) {
        if (health.stopReason() != null) {
            return; // the files may be closed: the next opening finds the segment in the bucket
        }
        if (failure == null) {
            health.recovered();
            place.uploaded = true;
            place.entry.uploaded();
            commitReady();
            afterUpload.run();
            return;
        }
        Throwable cause = Failures.unwrap(failure);
        if (cause instanceof FencedException) {
            health.fenced(String.valueOf(cause.getMessage()));
            return;
        }
        health.degraded(String.valueOf(cause.getMessage()));
        place.failures++;
        lane.schedule(Backoff.after(place.failures), () -> upload(place));
    }

    private void commitReady() {
        while (!places.isEmpty() && places.element().uploaded) {
            Place place = places.remove();
            if (place.number == 0) {
                place.entry.committed(null);
            } else {
                commit(place);
            }
        }
        tellIdle();
    }

    private void commit(Place place) {
        SegmentHeader header = sealed(place).header();
        committed.commit(header);
        place.entry.committed(header);
        committedSegment = header.number();
        if (log.isDebugEnabled()) {
            log.debug(
                    "volume {}: segment {} committed, {} blocks, {}",
                    volumeName,
                    header.number(),
                    header.blockCount(),
                    header.kind());
        }
        afterCommit.run();
    }
}
