package io.sluice.storage.engine;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.gc.Collector;
import io.sluice.storage.gc.CollectorStatus;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.recovery.CacheState;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.scrub.ScrubControl;
import io.sluice.storage.volume.CloseReport;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.Volume;
import io.sluice.storage.volume.VolumeDescription;
import io.sluice.storage.volume.VolumePort;
import io.sluice.storage.volume.VolumeStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open log-structured volume.
 *
 * <p>Closing goes through fixed steps, each begun when the one before has ended: no new operations; those under way end;
 * the journal is synced; everything goes to the bucket if that is possible in time; a checkpoint; the clean mark in the
 * manifest; then, when nothing is left in the journal, the index is marked clean; files are closed. Whatever step fails,
 * or takes longer than the configured time, the rest still closes the files, and the next opening recovers.
 */
final class LogVolume implements Volume {
    private static final Logger log = LoggerFactory.getLogger(LogVolume.class);
    private static final Duration QUIET_POLL = Duration.ofMillis(5);

    private final VolumeParts parts;
    private final VolumeHealth health;
    private final Lane lane;
    private final SegmentSeries series;
    private final Flusher flusher;
    private final Collector collector;
    private final Lane dropping;
    private final ManifestKeeper manifests;
    private final ReservationKeeper reservations;
    private final Checkpointer checkpointer;
    private final JournalPressure pressure;
    private final VolumeCore core;
    private final VolumeGrowth growth;
    private final ScrubControl scrub;
    private final CacheStateKeeper cacheState;
    private final AtomicBoolean closeAsked = new AtomicBoolean();
    private final CompletableFuture<CloseReport> closed = new CompletableFuture<>();
    private volatile long quietDeadlineNanos;
    private Cancellable closeLimit = () -> {};

    /** {@code replayedBlocks}: journal entries that recovery found and that are not in the bucket yet. */
    LogVolume(VolumeParts parts, int replayedBlocks) {
        this.parts = parts;
        this.lane = parts.lane();
        Manifest manifest = parts.manifest();
        this.health = parts.health();
        OwnershipCheck ownership = new OwnershipCheck(parts);
        SeriesCheck seriesCheck = new SeriesCheck(parts, ownership);
        this.cacheState = new CacheStateKeeper(parts);
        this.manifests = new ManifestKeeper(parts, seriesCheck, this::remember);
        this.reservations = new ReservationKeeper(parts, manifests);
        this.checkpointer = new Checkpointer(parts, manifests, seriesCheck);
        this.dropping = parts.runtime().blockingLane("drop-" + parts.settings().name());
        this.pressure = new JournalPressure(
                manifest.name(),
                parts.journal(),
                health,
                parts.runtime().clock(),
                lane,
                parts.settings().journal().fullTimeout());
        this.series = new SegmentSeries(parts, () -> {
            checkpointer.noteCommit();
            lane.execute(pressure::noteCommitted);
        });
        this.flusher = new Flusher(parts, series, ownership::look);
        GarbageCollection collection = new GarbageCollection(parts, series, flusher, checkpointer::want);
        this.collector = new Collector(collection.collectorParts(), collection);
        checkpointer.listen(collector::adopted, collector::wantSweep, this::segmentsDeleted);
        this.core = new VolumeCore(parts, flusher, pressure, ownership);
        this.growth = new VolumeGrowth(parts, manifests, describe(manifest), core::grown);
        this.scrub = new ScrubControl(
                parts.runtime(),
                parts.store(),
                parts.names(),
                new OpenVolumeSubject(parts, manifests, core),
                parts.disk(),
                true);
        health.whenStopped(() -> lane.execute(() -> {
            flusher.stop();
            core.tellStopped();
        }));
        if (replayedBlocks > 0) {
            flusher.noteAppended(replayedBlocks);
        }
        lane.execute(checkpointer::noteOpened);
        lane.execute(() -> collector.opened(parts.leftClean()));
    }

    private void segmentsDeleted(Set<Long> segments) {
        collector.deleted(segments);
        dropping.execute(() -> parts.cache().dropSegments(segments));
    }

    /** How far the bucket has come, for the next opening from this cache directory. */
    private void remember(Manifest manifest) {
        cacheState.note(CacheState.of(manifest, series.committedSegment(), flusher.committedSequence()));
    }

    /** Segments that are needed though no checkpoint may lead to them ({@link PendingReferences}); on any thread. */
    Set<Long> heldSegments() {
        return parts.references().held();
    }

    private static VolumeDescription describe(Manifest manifest) {
        return new VolumeDescription(
                manifest.volume(),
                manifest.name(),
                manifest.sizeBytes(),
                manifest.logicalBlockBytes(),
                manifest.encrypted(),
                manifest.epoch());
    }

    /** Reads all of the volume in the bucket when asked. */
    ScrubControl scrub() {
        return scrub;
    }

    @Override
    public VolumeDescription description() {
        return growth.description();
    }

    @Override
    public CompletableFuture<VolumeDescription> grow(long sizeBytes) {
        return growth.grow(sizeBytes);
    }

    @Override
    public VolumePort openPort(Executor loop) {
        Lane far = parts.runtime().blockingLane("writes-" + parts.settings().name());
        return new SplitPort(openEnginePort(loop), core.largeTransferBytes(), far, () -> openEnginePort(far));
    }

    private EnginePort openEnginePort(Executor thread) {
        EnginePort port = new EnginePort(core, thread);
        core.portOpened(port);
        return port;
    }

    @Override
    public VolumeStatus status() {
        long since = flusher.oldestPendingMillis();
        long now = parts.runtime().clock().wallTime().toEpochMilli();
        return new VolumeStatus(
                health.describe(),
                parts.journal().capacityBytes(),
                parts.journal().usedBytes(),
                flusher.dirtyBytes(),
                since == 0 ? 0 : Math.max(0, now - since),
                pressure.secondsToFull(),
                parts.cache().capacityBytes(),
                parts.cache().usedBytes(),
                parts.cache().hits(),
                parts.cache().misses(),
                parts.journal().appliedEnd(),
                flusher.committedSequence(),
                series.committedSegment(),
                checkpointer.mappedBytes(),
                core.counters().bytesRead().sum(),
                core.counters().bytesWritten().sum(),
                parts.store().snapshot(),
                parts.store().bytesUploaded(),
                parts.store().bytesDownloaded(),
                health.conditions(),
                space());
    }

    @Override
    public @Nullable IoFailure stopReason() {
        return health.stopReason();
    }

    private VolumeStatus.Space space() {
        CollectorStatus now = collector.status();
        return new VolumeStatus.Space(
                now.use().storedBytes(),
                now.use().liveBytes(),
                now.use().amplification(),
                now.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                now.reason(),
                now.movedSegments(),
                now.movedBytes(),
                now.deletedSegments(),
                collector.deletedOrphans(),
                now.damagedSegments());
    }

    @Override
    public CompletableFuture<Long> drain() {
        CompletableFuture<Long> result = new CompletableFuture<>();
        flusher.commitThrough(parts.journal().appliedEnd(), failure -> {
            if (failure == null) {
                result.complete(flusher.committedSequence());
            } else {
                result.completeExceptionally(new IOException(failure.message()));
            }
        });
        return result;
    }

    @Override
    public ByteBuffer reservations() {
        return reservations.kept();
    }

    @Override
    public void storeReservations(ByteBuffer state, IoCompletion done) {
        lane.execute(() -> reservations.store(state, done));
    }

    @Override
    public CompletableFuture<CloseReport> close() {
        boolean first = closeAsked.compareAndSet(false, true);
        if (first) {
            health.closing();
            quietDeadlineNanos =
                    parts.runtime().clock().monotonicNanos() + timeout().toNanos();
            Futures.then(scrub.close(), lane, (done, failure) -> awaitQuiet());
        }
        return closed;
    }

    private void awaitQuiet() {
        if (core.underWay() > 0 && parts.runtime().clock().monotonicNanos() - quietDeadlineNanos < 0) {
            lane.schedule(QUIET_POLL, this::awaitQuiet);
            return;
        }
        parts.journal().sync(failure -> lane.execute(this::drainForClose));
    }

    private void drainForClose() {
        if (health.stopReason() != null) {
            closeFiles(null);
            return;
        }
        CompletableFuture<?> drained = new CompletableFuture<>();
        flusher.commitThrough(parts.journal().appliedEnd(), failure -> drained.complete(null));
        Cancellable limit = lane.schedule(timeout(), () -> drained.complete(null));
        Futures.then(drained, lane, (done, failure) -> {
            limit.cancel();
            awaitSeries();
        });
    }

    /** What the collector has under way: the clean mark is put behind it, or not at all. */
    private void awaitSeries() {
        if (series.isIdle() || !isDrained() || health.stopReason() != null) {
            checkpointForClose();
            return;
        }
        CompletableFuture<Boolean> idle = new CompletableFuture<>();
        series.whenIdle(() -> idle.complete(true));
        Cancellable limit = lane.schedule(timeout(), () -> idle.complete(false));
        Futures.then(idle, lane, (done, failure) -> {
            limit.cancel();
            checkpointForClose();
        });
    }

    /** Of each of the steps of closing that wait for somebody else: the hosts, the bucket. */
    private Duration timeout() {
        return parts.settings().flush().drainTimeout();
    }

    private boolean isDrained() {
        return parts.journal().tail() >= parts.journal().appliedEnd();
    }

    private void checkpointForClose() {
        checkpointer.stop();
        if (isDrained() && !series.isIdle()) {
            log.warn(
                    "volume {}: a segment of the collector is still under way",
                    description().name());
            closeFiles(null);
            return;
        }
        if (!isDrained()) {
            log.warn(
                    "volume {}: the bucket does not hold everything yet, {} bytes stay in the journal for the next start",
                    description().name(),
                    flusher.dirtyBytes());
            closeFiles(null);
            return;
        }
        closeLimit = lane.schedule(timeout(), () -> closeFiles(null));
        checkpointer.whenIdle(() -> {
            CommittedMap committed = parts.committed();
            CompletableFuture<?> checkpoint =
                    committed.pendingSegments() == 0 ? CompletableFuture.completedFuture(null) : checkpointer.write();
            Futures.then(checkpoint, lane, (done, failure) -> markClean(failure));
        });
    }

    private void markClean(@Nullable Throwable checkpointFailure) {
        if (checkpointFailure != null) {
            closeFiles(null);
            return;
        }
        Futures.then(
                manifests.update(next -> next.clean(true)),
                lane,
                (manifest, failure) -> Futures.then(
                        checkpointer.tidied(),
                        lane,
                        (done, ignored) -> cacheState.whenIdle(() -> closeFiles(manifest))));
    }

    private void closeFiles(@Nullable Manifest clean) {
        if (closed.isDone()) {
            return;
        }
        closeLimit.cancel();
        CloseReport report =
                new CloseReport(isDrained(), clean != null, flusher.dirtyBytes(), flusher.committedSequence());
        health.closed();
        flusher.stop();
        core.tellStopped();
        Exception failure = close(() -> closeIndex(clean), null);
        failure = close(parts.cache(), failure);
        failure = close(parts.journal(), failure);
        failure = close(parts.disk(), failure);
        failure = close(parts.store(), failure);
        if (failure == null) {
            closed.complete(report);
        } else {
            log.error("volume {}: closing its files failed", description().name(), failure);
            closed.completeExceptionally(failure);
        }
    }

    private void closeIndex(@Nullable Manifest clean) {
        if (clean != null) {
            parts.index().closeClean(clean.number());
        } else {
            parts.index().close();
        }
    }

    private static @Nullable Exception close(AutoCloseable part, @Nullable Exception earlier) {
        try {
            part.close();
            return earlier;
        } catch (Exception failure) {
            if (earlier == null) {
                return failure;
            }
            earlier.addSuppressed(failure);
            return earlier;
        }
    }
}
