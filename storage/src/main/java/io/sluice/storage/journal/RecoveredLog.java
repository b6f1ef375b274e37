package io.sluice.storage.journal;

import io.sluice.storage.disk.LocalDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@link JournalRecovery} found in a journal directory: an unbroken series of whole batches, the rests of others,
 * and files that hold nothing. Immutable; valid as long as nobody else changes the directory.
 */
public final class RecoveredLog {
    private final LocalDisk directory;
    private final List<RecoveredFile> files;
    private final List<String> spares;
    private final List<String> obsolete;
    private final long firstAddress;
    private final long tail;
    private final long endAddress;
    private final long nextFileNumber;
    private final boolean damaged;
    private final Optional<String> note;

    RecoveredLog(
            LocalDisk directory,
            List<RecoveredFile> files,
            List<String> spares,
            List<String> obsolete,
            long firstAddress,
            long tail,
            long endAddress,
            long nextFileNumber,
            boolean damaged,
            Optional<String> note) {
        this.directory = directory;
        this.files = List.copyOf(files);
        this.spares = List.copyOf(spares);
        this.obsolete = List.copyOf(obsolete);
        this.firstAddress = firstAddress;
        this.tail = tail;
        this.endAddress = endAddress;
        this.nextFileNumber = nextFileNumber;
        this.damaged = damaged;
        this.note = note;
    }

    /** A log without batches that goes on at {@code end}. */
    static RecoveredLog empty(LocalDisk directory, long end, long nextFileNumber, List<String> spares) {
        return new RecoveredLog(
                directory, List.of(), spares, List.of(), end, end, end, nextFileNumber, false, Optional.empty());
    }

    /** True when there is no batch to replay. */
    public boolean isEmpty() {
        return bytes() == 0;
    }

    /** The newest epoch that wrote into the log; 0 when there are no files. */
    public long epoch() {
        return files.isEmpty() ? 0 : files.get(files.size() - 1).header().epoch();
    }

    /** The oldest epoch that wrote into the log; 0 when there are no files. */
    public long firstEpoch() {
        return files.isEmpty() ? 0 : files.get(0).header().epoch();
    }

    /**
     * Where replay begins. The log may begin before what was released (only the tails noted in file headers are known):
     * who replays it skips what lies below the address up to which the bucket is known to hold everything, since the log
     * may also have lost an unsynced end that the bucket already holds.
     */
    public long firstAddress() {
        return firstAddress;
    }

    /**
     * Whether batches are missing before {@link #firstAddress} that nobody has: after a power loss the header of a file may
     * be gone, and that of the file behind it be there. What stands behind such a hole must not be replayed: the volume would
     * hold newer writes without older ones.
     *
     * @param bucketEnd everything below this address is in the bucket
     */
    public boolean lacksItsStart(long bucketEnd) {
        return !isEmpty() && files.get(0).header().previousEnd() > Math.max(tail, bucketEnd);
    }

    /** Whether some of what is missing before {@link #firstAddress} had been synced: then the disk lost it. */
    public boolean lostSyncedStart(long bucketEnd) {
        return lacksItsStart(bucketEnd) && syncedEnd() > Math.max(tail, bucketEnd);
    }

    /**
     * The empty log that ends where the bucket does; the files of this one are deleted as soon as the journal is open in a
     * new file, as those that cannot be reached. For a log that {@link #lacksItsStart}.
     */
    public RecoveredLog cutBeforeItsStart(long bucketEnd) {
        List<String> unused = new ArrayList<>(obsolete);
        unused.addAll(fileNames());
        long end = Math.max(tail, bucketEnd);
        return new RecoveredLog(directory, List.of(), spares, unused, end, end, end, nextFileNumber, damaged, note);
    }

    /** Where the log ends: behind its last whole batch. */
    public long endAddress() {
        return endAddress;
    }

    /** Bytes of the batches from the first to the end address, headers included. */
    public long bytes() {
        long units = 0;
        for (RecoveredFile file : files) {
            long start = Math.max(firstAddress, file.address(1));
            units += Math.max(0, file.address(file.endUnit()) - start);
        }
        return units << JournalFormat.UNIT_SHIFT;
    }

    /** True when batches are missing that had been synced: the disk lost them, this is no ordinary torn tail. */
    public boolean damaged() {
        return damaged;
    }

    /** What was cut off behind the end, for the operator. */
    public Optional<String> note() {
        return note;
    }

    /** Everything below is known to have been durable before the process that wrote the log ended. */
    long syncedEnd() {
        return files.stream().mapToLong(file -> file.header().syncedEnd()).max().orElse(endAddress);
    }

    /** Names of the files that hold the log, oldest first. */
    public List<String> fileNames() {
        return files.stream().map(RecoveredFile::name).toList();
    }

    /**
     * Moves every file with batches into a subdirectory, where they are kept: the journal of a superseded epoch. Newest
     * first, so that a crash leaves a beginning of the log, never its end alone; calling it again finishes the work.
     *
     * @return the empty log to go on with
     */
    public RecoveredLog setAside(String directoryName) throws IOException {
        LocalDisk aside = directory.directory(directoryName);
        for (String name : newestFirst()) {
            directory.move(name, aside);
        }
        aside.syncDirectory();
        directory.syncDirectory();
        return empty(directory, endAddress, nextFileNumber, spares);
    }

    /**
     * Deletes every file with batches, newest first: everything in them is elsewhere.
     *
     * @return the empty log to go on with
     */
    public RecoveredLog discard() throws IOException {
        for (String name : newestFirst()) {
            directory.delete(name);
        }
        directory.syncDirectory();
        return empty(directory, endAddress, nextFileNumber, spares);
    }

    private List<String> newestFirst() {
        List<String> names = new ArrayList<>(fileNames());
        names.addAll(obsolete);
        names.sort((a, b) -> Long.compare(number(b), number(a)));
        return Collections.unmodifiableList(names);
    }

    private static long number(String name) {
        OptionalLong number = JournalFormat.numberOf(name);
        return number.orElseThrow();
    }

    List<RecoveredFile> files() {
        return files;
    }

    /** Files that hold nothing of the log, those directly before its tail first. */
    List<String> spares() {
        return spares;
    }

    /** Files with a header that hold nothing of the log: not reachable from its start, or begun and empty. */
    List<String> obsolete() {
        return obsolete;
    }

    long nextFileNumber() {
        return nextFileNumber;
    }
}
