package io.sluice.storage.journal;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.DamagedObjectException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds the log in a journal directory without changing anything.
 *
 * <p>Rules:
 *
 * <ol>
 *   <li>A file whose header is not whole, or says another number than the file's name, holds nothing of the log: it was
 *       being prepared.
 *   <li>Everything below the highest tail that any header names is released. The log begins in the file of that tail;
 *       when that file serves another use by now, in the one with the lowest number: files are used again oldest first.
 *   <li>At every address it goes on in the file whose header says that it follows exactly there, else with the batch
 *       that stands there; it ends where there is neither. A newer file whose beginning does not match that place is not
 *       part of the log, whatever is in it.
 *   <li>A batch stands there when header and all blocks have the right checksums (the header's covers the file's salt).
 *   <li>A failed read is an error, never an end.
 *   <li>What is found may begin behind a hole, when a power loss took the header of a file that had not been synced: who
 *       knows how far the bucket goes asks {@link RecoveredLog#lacksItsStart}.
 *   <li>When the journal was closed with nothing in it, {@link CloseMark} says where the log ended, and no file is read.
 * </ol>
 */
public final class JournalRecovery {
    private final LocalDisk directory;
    private final UUID volume;
    private final @Nullable KeyDerivation keys;
    private final NavigableMap<Long, FileHeader> headers = new TreeMap<>();
    private final List<String> spares = new ArrayList<>();
    private long lastNumber;

    private JournalRecovery(LocalDisk directory, UUID volume, @Nullable KeyDerivation keys) {
        this.directory = directory;
        this.volume = volume;
        this.keys = keys;
    }

    /**
     * Reads every file of {@code directory} that may hold something of the log.
     *
     * @param keys of the volume; null when it is not encrypted
     * @param minimumAddress new addresses will be in files behind that of this one, and behind all files found
     * @throws DamagedObjectException when a file belongs to another volume, or another key wrote it
     * @throws io.sluice.storage.format.UnsupportedFormatException when a newer Sluice wrote a file
     */
    public static RecoveredLog scan(LocalDisk directory, UUID volume, @Nullable KeyDerivation keys, long minimumAddress)
            throws IOException {
        JournalRecovery recovery = new JournalRecovery(directory, volume, keys);
        recovery.lastNumber = JournalFormat.fileNumber(minimumAddress);
        List<String> names = recovery.names();
        Optional<RecoveredLog> closed = recovery.closed(names);
        if (closed.isPresent()) {
            return closed.get();
        }
        recovery.readHeaders(names);
        return recovery.headers.isEmpty()
                ? RecoveredLog.empty(directory, minimumAddress, recovery.lastNumber + 1, recovery.spares)
                : recovery.follow();
    }

    /**
     * Fails when a file of {@code directory} is another volume's, or written with another key, as {@link #scan} would;
     * reads their headers only, and none when a {@link CloseMark} of this volume counts.
     */
    public static void requireBelongs(LocalDisk directory, UUID volume, @Nullable KeyDerivation keys)
            throws IOException {
        JournalRecovery recovery = new JournalRecovery(directory, volume, keys);
        List<String> names = recovery.names();
        if (recovery.countingMark(names).isEmpty()) {
            recovery.readHeaders(names);
        }
    }

    /** An address {@code files} journal files behind that of {@code address}: for {@code scan}'s minimum. */
    public static long skipFiles(long address, long files) {
        return JournalFormat.address(JournalFormat.fileNumber(address) + files, 0);
    }

    /** Of the journal's files, oldest first. */
    private List<String> names() throws IOException {
        return directory.list().stream()
                .filter(name -> JournalFormat.numberOf(name).isPresent())
                .sorted(Comparator.comparingLong(JournalRecovery::number))
                .toList();
    }

    private static long number(String name) {
        return JournalFormat.numberOf(name).orElseThrow();
    }

    /** The log as its {@link CloseMark} says; empty when there is none that counts. */
    private Optional<RecoveredLog> closed(List<String> names) throws IOException {
        return countingMark(names)
                .map(mark -> RecoveredLog.empty(
                        directory, mark.endAddress(), Math.max(lastNumber, mark.lastNumber()) + 1, names));
    }

    /** The mark, when no file has another highest number than it says. */
    private Optional<CloseMark> countingMark(List<String> names) throws IOException {
        long newest = names.isEmpty() ? 0 : number(names.get(names.size() - 1));
        return CloseMark.read(directory, volume).filter(mark -> mark.lastNumber() == newest);
    }

    private void readHeaders(List<String> names) throws IOException {
        for (String name : names) {
            long number = number(name);
            lastNumber = Math.max(lastNumber, number);
            Optional<FileHeader> header = readHeader(name);
            if (header.isPresent() && header.get().number() == number) {
                headers.put(number, header.get());
            } else {
                spares.add(name);
            }
        }
    }

    private Optional<FileHeader> readHeader(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(JournalFormat.UNIT_BYTES);
        try (DiskFile file = directory.open(name)) {
            if (file.size() < JournalFormat.UNIT_BYTES) {
                return Optional.empty();
            }
            file.read(bytes, 0);
        }
        Optional<FileHeader> header = FileHeader.decode(name, bytes.flip());
        if (header.isPresent()) {
            checkBelongs(name, header.get());
        }
        return header;
    }

    private void checkBelongs(String name, FileHeader header) throws DamagedObjectException {
        String where = name + " in " + directory.describe();
        if (!header.volume().equals(volume)) {
            throw new DamagedObjectException(
                    where, "belongs to volume " + header.volume() + ", not to volume " + volume);
        }
        if (header.encrypted() != (keys != null)) {
            throw new DamagedObjectException(
                    where, header.encrypted() ? "is encrypted, the volume is not" : "is not encrypted, the volume is");
        }
    }

    private RecoveredLog follow() throws IOException {
        List<RecoveredFile> chain = new ArrayList<>();
        long tail = headers.values().stream().mapToLong(FileHeader::tail).max().orElseThrow();
        FileHeader header = headers.getOrDefault(
                JournalFormat.fileNumber(tail), headers.firstEntry().getValue());
        String torn = "";
        while (header != null) {
            try (FileScan scan = new FileScan(directory, header, keys)) {
                FileHeader next = successor(header, scan.address());
                while (next == null && scan.advance()) {
                    next = successor(header, scan.address());
                }
                torn = scan.tornBatch();
                chain.add(scan.result());
                header = next;
            }
        }
        return result(chain, tail, torn);
    }

    /** The file whose header says that the log goes on in it from {@code address}. */
    private @Nullable FileHeader successor(FileHeader from, long address) {
        for (FileHeader candidate :
                headers.tailMap(from.number(), false).descendingMap().values()) {
            if (candidate.previousEnd() == address && candidate.epoch() >= from.epoch()) {
                return candidate;
            }
        }
        return null;
    }

    private RecoveredLog result(List<RecoveredFile> chain, long tail, String torn) {
        RecoveredFile last = chain.get(chain.size() - 1);
        Optional<String> note = note(last.address(last.endUnit()), tail, torn, chain);
        boolean damaged = syncedBehind(last.address(last.endUnit()), tail, chain);
        List<RecoveredFile> kept = new ArrayList<>(chain);
        long end = dropEmptyEnd(kept);
        if (end <= tail) {
            kept.clear();
            end = tail;
        }
        while (!kept.isEmpty() && kept.get(0).address(kept.get(0).endUnit()) <= tail) {
            kept.remove(0);
        }
        long first = kept.isEmpty() ? end : Math.max(tail, kept.get(0).address(1));
        List<String> free = new ArrayList<>();
        List<String> obsolete = new ArrayList<>();
        for (long number : headers.keySet()) {
            if (!kept.isEmpty() && number < kept.get(0).number()) {
                free.add(JournalFormat.fileName(number));
            } else if (kept.stream().noneMatch(file -> file.number() == number)) {
                obsolete.add(JournalFormat.fileName(number));
            }
        }
        free.addAll(spares);
        return new RecoveredLog(directory, kept, free, obsolete, first, tail, end, lastNumber + 1, damaged, note);
    }

    /**
     * Files at the end without a batch are left out: the log goes on where the last batch ended, as if they had never
     * been begun, so that one open after the other does not use up the disk. Gives the end.
     */
    private static long dropEmptyEnd(List<RecoveredFile> chain) {
        RecoveredFile last = chain.get(chain.size() - 1);
        long end = last.address(last.endUnit());
        while (!chain.isEmpty() && chain.get(chain.size() - 1).endUnit() == 1) {
            end = chain.remove(chain.size() - 1).header().previousEnd();
        }
        return end;
    }

    /** Headers that were met neither on the way nor before its start. */
    private List<FileHeader> unreachable(List<RecoveredFile> chain) {
        return headers.tailMap(chain.get(0).number(), true).values().stream()
                .filter(header -> chain.stream().noneMatch(file -> file.number() == header.number()))
                .toList();
    }

    /** Whether a file that cannot be reached says that something behind {@code end} had been durable. */
    private boolean syncedBehind(long end, long tail, List<RecoveredFile> chain) {
        return unreachable(chain).stream().anyMatch(header -> header.syncedEnd() > Math.max(end, tail));
    }

    private Optional<String> note(long end, long tail, String torn, List<RecoveredFile> chain) {
        List<Long> unreachable =
                unreachable(chain).stream().map(FileHeader::number).toList();
        if (torn.isEmpty() && unreachable.isEmpty()) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder("the journal ends at address ").append(end);
        if (!torn.isEmpty()) {
            text.append(": ").append(torn);
        }
        if (!unreachable.isEmpty()) {
            text.append("; files not reachable from there: ").append(unreachable);
        }
        if (syncedBehind(end, tail, chain)) {
            text.append("; batches behind it had been synced, so the disk has lost or damaged them");
        }
        return Optional.of(text.toString());
    }
}
