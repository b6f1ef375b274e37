package io.sluice.storage.engine;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;

/** What the ports of one volume share. Thread-safe. */
final class VolumeCore {
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration BUCKET_WAIT_MIN = Duration.ofSeconds(10);
    /** One in so many of the cache's bytes may be what was read ahead and not used yet. */
    private static final int READ_AHEAD_SHARE = 4;

    private final VolumeParts parts;
    private final VolumeHealth health;
    private final Flusher flusher;
    private final BlockFinder finder;
    private final ReadPath readPath;
    private final BlockGate gate = new BlockGate();
    private final VolumeCounters counters = new VolumeCounters();
    /** In the order they were opened. */
    private final Set<EnginePort> ports = new CopyOnWriteArraySet<>();

    private final ReadAheadBudget readAheads;
    private final JournalAppender.Applier applier;
    private final JournalPressure pressure;
    private final CommitWaits commitWaits;
    private volatile long sizeBytes;

    VolumeCore(VolumeParts parts, Flusher flusher, JournalPressure pressure, OwnershipCheck ownership) {
        this.parts = parts;
        this.health = parts.health();
        this.flusher = flusher;
        this.pressure = pressure;
        this.commitWaits =
                new CommitWaits(flusher, parts.lane(), parts.runtime().clock());
        this.sizeBytes = parts.manifest().sizeBytes();
        BlockIndex index = parts.index();
        this.finder = new BlockFinder(index, parts.references());
        this.readAheads = new ReadAheadBudget(Math.min(
                parts.settings().readCache().readAhead().bytes(), parts.cache().capacityBytes() / READ_AHEAD_SHARE));
        this.readPath = new ReadPath(
                finder::lookup,
                new LocalReader(parts.journal(), parts.cache()),
                new LeafLoader(index, parts.committed(), parts.lane()),
                new FrameFetcher(
                        parts.store(),
                        parts.names(),
                        parts.codec(),
                        parts.cache(),
                        parts.runtime().workers()),
                parts.runtime().workers(),
                parts.names(),
                new ReadFailures(health, ownership),
                new Patience(parts.settings().readWait(), parts.runtime().lane("read-wait")));
        this.applier = new IndexApplier(index, parts.references());
    }

    Journal journal() {
        return parts.journal();
    }

    BlockIndex index() {
        return parts.index();
    }

    PendingReferences references() {
        return parts.references();
    }

    /** Finds out where the blocks of a copy's source stand. */
    SourceResolver newResolver(long lba, int count) {
        return new SourceResolver(finder, parts.committed(), parts.references(), parts.lane(), lba, count);
    }

    /** Finds out which blocks are mapped. */
    MappingScan newMappingScan(long offsetBytes, long lengthBytes, int runsMax) {
        return new MappingScan(parts.index(), parts.committed(), parts.lane(), offsetBytes, lengthBytes, runsMax);
    }

    /** A read or write of so many bytes is not done by the thread that asks for it. */
    int largeTransferBytes() {
        return parts.largeTransferBytes();
    }

    BlockGate gate() {
        return gate;
    }

    ReadPath readPath() {
        return readPath;
    }

    Flusher flusher() {
        return flusher;
    }

    VolumeCounters counters() {
        return counters;
    }

    EngineRuntime runtime() {
        return parts.runtime();
    }

    /** Puts the entries of a journal batch into the index. */
    JournalAppender.Applier applier() {
        return applier;
    }

    ReadAhead newReadAhead() {
        return new ReadAhead(finder, parts.cache(), readPath, readAheads, () -> sizeBytes);
    }

    /** The volume is larger now: what is there may be read and written. */
    void grown(long newSizeBytes) {
        sizeBytes = newSizeBytes;
    }

    /** Why nothing can go on any more: fenced, failed or closed; null while operations may at least end. */
    @Nullable
    IoFailure stopReason() {
        return health.stopReason();
    }

    /** All ports look at {@link #stopReason}. */
    void tellStopped() {
        ports.forEach(EnginePort::tellStopped);
    }

    /** Why an operation on this range cannot begin; null when it can. */
    @Nullable
    IoFailure refuse(long offsetBytes, long lengthBytes) {
        IoFailure refusal = health.refusal();
        if (refusal != null) {
            return refusal;
        }
        boolean aligned = ((offsetBytes | lengthBytes) & (BlockGeometry.SECTOR_BYTES - 1)) == 0;
        long volumeBytes = sizeBytes;
        boolean inside = offsetBytes >= 0 && lengthBytes >= 0 && offsetBytes <= volumeBytes - lengthBytes;
        if (aligned && inside) {
            return null;
        }
        return new IoFailure(
                IoFailure.Kind.BAD_RANGE,
                "bytes " + offsetBytes + " + " + lengthBytes + " are not sectors of a volume of " + volumeBytes
                        + " bytes",
                offsetBytes);
    }

    JournalPressure pressure() {
        return pressure;
    }

    /**
     * Completes when all that was acknowledged so far is as safe as the volume's durability asks; where that is the bucket,
     * with BUSY when it has not taken it until {@code deadlineNanos}.
     */
    void makeDurable(long deadlineNanos, IoCompletion completion) {
        if (parts.settings().durability() == VolumeSettings.Durability.S3) {
            commitWaits.commitThrough(journal().appliedEnd(), deadlineNanos, completion);
        } else {
            journal().sync(completion);
        }
    }

    /**
     * Until when a write, or a flush into the bucket, that begins now may wait for whatever it is. Not less than a few
     * seconds: also who does not want to wait for journal space has to give the bucket some time.
     */
    long newDeadline() {
        Duration patience = parts.settings().journal().fullTimeout();
        return runtime().clock().monotonicNanos() + Math.max(patience.toNanos(), BUCKET_WAIT_MIN.toNanos());
    }

    /** Until when a write with this deadline may wait for space in the journal. */
    long spaceDeadline(long deadlineNanos) {
        Duration patience = parts.settings().journal().fullTimeout();
        return deadlineNanos - Math.max(0, BUCKET_WAIT_MIN.minus(patience).toNanos());
    }

    /** Runs {@code task} after a moment: for what has no counterpart of {@link Journal#whenSpace}. */
    void afterPause(Runnable task) {
        parts.lane().schedule(PAUSE, task);
    }

    void afterDelay(Duration delay, Runnable task) {
        parts.lane().schedule(delay, task);
    }

    void noteJournalFailure(IOException failure) {
        org.slf4j.LoggerFactory.getLogger(VolumeCore.class)
                .error(
                        "volume {}: a write to the journal failed",
                        parts.settings().name(),
                        failure);
    }

    void portOpened(EnginePort port) {
        portClosed();
        ports.add(port);
    }

    /** Forgets closed ports once their operations have ended. */
    void portClosed() {
        ports.removeIf(port -> port.isClosed() && port.underWay() == 0);
    }

    /** Operations, also reading ahead, that have begun and not ended. */
    long underWay() {
        long sum = readAheads.underWay();
        for (EnginePort port : ports) {
            sum += port.underWay();
        }
        return sum;
    }
}
