package io.sluice.storage.journal;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.IoCompletion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal in files of one directory. This class only wires the parts and looks after their order of life:
 *
 * <pre>
 *   appenders ─▶ BatchWriter ─▶ AppendSpace (addresses) ─▶ disk ─▶ index ─▶ AppendOrder (watermark, acknowledgements)
 *                    │                 ▲
 *                    └─▶ FileSupply ───┘     GroupCommit (fdatasync)     BlockReader, LocalJournalReader (reads)
 * </pre>
 *
 * <p>Disk space: the files between tail and end, at most {@code capacity} plus one file, and one more; those prepared
 * ahead are among them.
 */
public final class LocalJournal implements Journal {
    private static final Logger log = LoggerFactory.getLogger(LocalJournal.class);
    /** Files prepared ahead: on a busy disk making one takes longer than filling one. */
    private static final int PREPARED_MAX = 8;
    /** Of the capacity at most this part is prepared ahead. */
    private static final int PREPARED_DIVISOR = 4;

    private final LiveFiles live;
    private final FileSupply supply;
    private final AppendOrder order;
    private final AppendSpace space;
    private final JournalHealth health = new JournalHealth();
    private final GroupCommit commit;
    private final BatchWriter writer;
    private final BlockReader blocks;
    private final SpaceWaiters waiters = new SpaceWaiters();
    private final Lane fileLane;
    private final long capacityUnits;
    private final int fileUnits;
    private final LocalDisk directory;
    private final UUID volume;

    private LocalJournal(
            LocalDisk directory,
            JournalOpening opening,
            UUID volume,
            boolean encrypted,
            EngineRuntime runtime,
            long capacityUnits) {
        JournalFile first = opening.first();
        this.directory = directory;
        this.volume = volume;
        this.live = opening.live();
        this.supply = opening.supply();
        this.capacityUnits = capacityUnits;
        this.fileUnits = first.units();
        this.fileLane = runtime.blockingLane("journal files");
        this.order = new AppendOrder(first.address(1));
        this.space = new AppendSpace(live, order, first, opening.tail(), capacityUnits);
        this.commit = new GroupCommit(order, health, runtime.blockingLane("journal sync"), opening.syncedEnd());
        this.writer = new BatchWriter(
                volume, encrypted, runtime.clock(), space, order, commit, supply, health, this::prepareAhead);
        this.blocks = new BlockReader(live, space);
    }

    /**
     * Opens the journal for writing in a new file behind what was recovered, which stays readable until released.
     * Blocks: everything recovered is synced first.
     *
     * @param directory of its own
     * @param epoch of the new files, at least that of the recovered ones
     * @param keys of the volume; null when it is not encrypted
     * @param recovered what {@link JournalRecovery} found just before in {@code directory}
     */
    public static LocalJournal open(
            LocalDisk directory,
            UUID volume,
            long epoch,
            @Nullable KeyDerivation keys,
            VolumeSettings.Journal settings,
            EngineRuntime runtime,
            RecoveredLog recovered)
            throws IOException {
        Invariant.check(epoch >= recovered.epoch(), "epochs grow", epoch, recovered.epoch());
        int units = units(settings);
        JournalOpening opening = new JournalOpening(directory, keys, recovered, epoch, units);
        try {
            opening.takeOverFiles(
                    runtime.entropy(),
                    settings.capacity().bytes() / settings.fileSize().bytes() + 2);
            LocalJournal journal = new LocalJournal(
                    directory,
                    opening,
                    volume,
                    keys != null,
                    runtime,
                    settings.capacity().bytes() >>> JournalFormat.UNIT_SHIFT);
            journal.writer.writeHeader(opening.first(), recovered.endAddress(), recovered.endAddress());
            opening.finish();
            journal.prepareAhead();
            return journal;
        } catch (IOException | RuntimeException e) {
            opening.abandon(e);
            throw e;
        }
    }

    private static int units(VolumeSettings.Journal settings) {
        long units = settings.fileSize().bytes() >>> JournalFormat.UNIT_SHIFT;
        if (units < JournalFormat.FILE_UNITS_MIN || units > 1L << JournalFormat.UNIT_BITS) {
            throw new IllegalArgumentException("a journal file must be 16 KiB to 64 GiB long: " + settings.fileSize());
        }
        if (settings.capacity().bytes() < 2 * settings.fileSize().bytes()) {
            throw new IllegalArgumentException("the journal's capacity " + settings.capacity()
                    + " is less than two files of " + settings.fileSize());
        }
        return (int) units;
    }

    @Override
    public JournalAppender openAppender() {
        return new LocalJournalAppender(writer, batchBlocksMax());
    }

    private int batchBlocksMax() {
        return Math.min(JournalFormat.BATCH_BLOCKS_MAX, fileUnits - 2);
    }

    @Override
    public long appliedEnd() {
        return order.appliedEnd();
    }

    @Override
    public long syncedEnd() {
        return commit.syncedEnd();
    }

    @Override
    public long tail() {
        return space.tail();
    }

    @Override
    public long usedBytes() {
        return space.usedUnits(order.appliedEnd()) << JournalFormat.UNIT_SHIFT;
    }

    @Override
    public long releasedBytes() {
        return space.releasedUnits() << JournalFormat.UNIT_SHIFT;
    }

    @Override
    public long capacityBytes() {
        return capacityUnits << JournalFormat.UNIT_SHIFT;
    }

    @Override
    public boolean read(long address, ByteBuffer destination) throws IOException {
        if (destination.remaining() == JournalFormat.UNIT_BYTES) {
            return blocks.read(address, 0, destination);
        }
        int limit = destination.limit();
        destination.limit(destination.position() + JournalFormat.UNIT_BYTES);
        try {
            return blocks.read(address, 0, destination);
        } finally {
            destination.limit(limit);
        }
    }

    @Override
    public boolean readPart(long address, int from, ByteBuffer destination) throws IOException {
        return blocks.read(address, from, destination);
    }

    @Override
    public boolean readAll(long[] addresses, BlockSink sink) throws IOException {
        return new RunReader(live, space, addresses, sink).read();
    }

    @Override
    public void sync(IoCompletion completion) {
        commit.sync(completion);
    }

    @Override
    public JournalReader openReader(long address) {
        return new LocalJournalReader(live, space, order, blocks, address);
    }

    @Override
    public void release(long address, long bucketEnd) {
        Invariant.check(address <= order.appliedEnd(), "released below the applied end", address, order.appliedEnd());
        space.release(address);
        List<JournalFile> released = supply.takeOver(() -> live.removeBelow(Math.min(address, bucketEnd)));
        if (!released.isEmpty()) {
            prepareAhead();
        }
        waiters.run();
    }

    @Override
    public void whenSpace(Runnable task) {
        waiters.add(task);
        if (space.hasRoomFor(1 + batchBlocksMax()) && !supply.diskIsFull()) {
            fileLane.execute(waiters::run);
        }
    }

    /**
     * Calls {@code listener} once when the journal fails for good (until it is opened anew): then acknowledgements of
     * batches behind the failure never come, and every later append and sync fails.
     */
    public void whenFailed(Consumer<IOException> listener) {
        health.whenFailed(listener);
    }

    private void prepareAhead() {
        fileLane.execute(this::prepareOnLane);
    }

    /** New files only while the files are fewer than ever needed; a failure is left to the append that needs one. */
    private void prepareOnLane() {
        try {
            boolean wasFull = supply.diskIsFull();
            supply.prepareFor(space, preparedWanted(), capacityUnits / fileUnits + 2);
            if (wasFull) {
                waiters.run();
            }
        } catch (IOException e) {
            log.warn("journal: cannot prepare the next file yet", e);
        }
    }

    private int preparedWanted() {
        return (int) Math.max(1, Math.min(PREPARED_MAX, capacityUnits / fileUnits / PREPARED_DIVISOR));
    }

    @Override
    public void close() throws IOException {
        IOException failed = null;
        try {
            if (health.failure() == null) {
                Invariant.check(order.isIdle(), "nothing is under way at close");
                commit.syncNow();
            }
        } catch (IOException e) {
            failed = e;
        }
        failed = closeFiles(failed);
        if (failed != null) {
            throw failed;
        }
        if (health.failure() == null && tail() >= appliedEnd()) {
            markClosed();
        }
    }

    /** Nothing in the files is needed any more: the next opening need not read them. */
    private void markClosed() {
        try {
            long newest = 0;
            for (String name : directory.list()) {
                newest = Math.max(newest, JournalFormat.numberOf(name).orElse(0));
            }
            new CloseMark(volume, newest, appliedEnd()).write(directory);
        } catch (IOException e) {
            log.warn("journal: its clean close could not be noted, the next start reads its files", e);
        }
    }

    private @Nullable IOException closeFiles(@Nullable IOException first) {
        IOException failed = first;
        List<DiskFile> files = new ArrayList<>(supply.close());
        space.takePrepared().forEach(file -> files.add(file.disk()));
        live.all().forEach(file -> files.add(file.disk()));
        for (DiskFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                failed = failed == null ? e : failed;
            }
        }
        return failed;
    }
}
