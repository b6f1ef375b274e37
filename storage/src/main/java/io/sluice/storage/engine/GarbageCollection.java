package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.gc.CollectorHost;
import io.sluice.storage.gc.CollectorParts;
import io.sluice.storage.gc.MovedSegment;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentHeader;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The collector's view of the volume: says when it must stand back, gives MOVED segments their places in the series.
 *
 * <p>What the collector can add to the wait of a host's write: the rest of the upload of one MOVED segment, whose number stands
 * before that of the segment with the write. It takes a number only with everything in memory, one at a time; its segments
 * are as small as it takes to be uploaded within {@code gc.host-wait-max}; and while a flush has waited for longer than that,
 * or writers wait for the journal, it takes none. Confined to the volume's lane.
 */
final class GarbageCollection implements CollectorHost {
    private final VolumeParts parts;
    private final SegmentSeries series;
    private final Flusher flusher;
    private final Runnable wantCheckpoint;

    GarbageCollection(VolumeParts parts, SegmentSeries series, Flusher flusher, Runnable wantCheckpoint) {
        this.parts = parts;
        this.series = series;
        this.flusher = flusher;
        this.wantCheckpoint = wantCheckpoint;
    }

    CollectorParts collectorParts() {
        return new CollectorParts(
                parts.settings().name(),
                parts.settings().collector(),
                parts.settings().flush().segmentSize().bytes(),
                parts.runtime(),
                parts.lane(),
                parts.committed(),
                parts.index(),
                parts.cache(),
                parts.store(),
                parts.names(),
                parts.codec(),
                parts.segments());
    }

    @Override
    public @Nullable String standBackBecause(boolean urgent) {
        if (parts.health().isDegraded()) {
            return "the bucket cannot be reached";
        }
        Duration waitMax = parts.settings().collector().hostWaitMax();
        if (flusher.longestWait().compareTo(waitMax) > 0) {
            return "flushes wait for the bucket";
        }
        Journal journal = parts.journal();
        if (!urgent && flusher.isPressed()) {
            return "writes wait for the journal";
        }
        if (!urgent && journal.usedBytes() > journal.capacityBytes() / 2) {
            return "the journal is more than half full";
        }
        return null;
    }

    @Override
    public boolean isOver() {
        return parts.health().state() != VolumeHealth.State.OPEN;
    }

    @Override
    public CompletableFuture<Duration> append(MovedSegment segment) {
        Moved moved = new Moved(segment);
        series.append(moved);
        return moved.result;
    }

    @Override
    public long nextNumber() {
        return series.nextNumber();
    }

    @Override
    public Runnable hold(Set<Long> segments) {
        PendingReferences.Hold hold = parts.references().newHold();
        segments.forEach(segment -> hold.add(Locator.segment(segment, 0, Locator.FRAME_UNIT_BYTES, 0)));
        return hold::release;
    }

    @Override
    public void wantCheckpoint() {
        wantCheckpoint.run();
    }

    @Override
    public long uncertainPuts() {
        return parts.store().uncertainPuts();
    }

    /** A MOVED segment's place in the series. */
    private final class Moved implements SegmentSeries.Entry {
        private final MovedSegment segment;
        private final CompletableFuture<Duration> result = new CompletableFuture<>();
        /** What was planned before it ends here, so that it says nothing new about the history. */
        private final long sequence = flusher.plannedEnd();

        private final long wallTimeMillis = flusher.plannedMillis();
        private long startedNanos;
        private Duration took = Duration.ZERO;

        Moved(MovedSegment segment) {
            this.segment = segment;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public SegmentHeader.Kind kind() {
            return SegmentHeader.Kind.MOVED;
        }

        @Override
        public RequestCause cause() {
            return RequestCause.GC;
        }

        @Override
        public SealedSegment build(SegmentBuilder builder) {
            segment.fill(builder);
            return builder.seal(sequence, sequence, wallTimeMillis);
        }

        @Override
        public void uploading() {
            startedNanos = parts.runtime().clock().monotonicNanos();
        }

        @Override
        public void uploaded() {
            took = Duration.ofNanos(parts.runtime().clock().monotonicNanos() - startedNanos);
        }

        @Override
        public void committed(@Nullable SegmentHeader header) {
            if (header == null) {
                throw new IllegalStateException("a moved segment was committed without a header");
            }
            segment.settle(header, parts.cache(), parts.index());
            result.complete(took);
        }
    }
}
