package io.sluice.storage.journal;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.DiskFullException;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the files that the log goes on in: out of released ones when there are any, else new ones, with their space
 * reserved, so that no write into the log can run out of disk space.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A file's name is durable before the file is given out, so before a header with its new number is written: a
 *       file whose header does not say what its name says holds nothing of the log.
 *   <li>Released files are used again oldest first: those still there under their old names are always the ones
 *       directly before the tail.
 *   <li>Every use has a new salt.
 *   <li>Prepared ahead, a new file comes into being only while fewer exist than the capacity can need.
 * </ol>
 *
 * Thread-safe. One file is made at a time; the lock for that is held during I/O and is not the one for appending. Who waits
 * for it has a batch that needs a file: a new one is all zeros first, which takes a busy disk tenths of a second, so what is made
 * is given out file by file while somebody waits, and the lock is fair.
 */
final class FileSupply {
    /** A file not in use and the name it has now. */
    record Spare(String name, DiskFile file) {}

    private final LocalDisk directory;
    private final @Nullable KeyDerivation keys;
    private final Entropy entropy;
    private final long epoch;
    private final int units;
    private final ReentrantLock making = new ReentrantLock(true);
    private final Deque<Spare> spares = new ArrayDeque<>();
    private long nextNumber;
    /** Files that there are, in use or not. */
    private long existing;

    private boolean closed;
    private volatile boolean diskIsFull;

    /** Besides {@code spares}, {@code inUse} files hold parts of the log. */
    FileSupply(
            LocalDisk directory,
            @Nullable KeyDerivation keys,
            Entropy entropy,
            long epoch,
            int units,
            long nextNumber,
            int inUse,
            List<Spare> spares) {
        this.directory = directory;
        this.keys = keys;
        this.entropy = entropy;
        this.epoch = epoch;
        this.units = units;
        this.nextNumber = nextNumber;
        this.spares.addAll(spares);
        this.existing = (long) inUse + spares.size();
    }

    /**
     * Takes files that hold nothing needed any more, oldest first, from {@code live}, which lets go of them and tells which: who looks
     * for a spare file meanwhile finds them. Gives those.
     */
    List<JournalFile> takeOver(Supplier<List<JournalFile>> live) {
        synchronized (spares) {
            List<JournalFile> released = live.get();
            give(released);
            return released;
        }
    }

    private void give(List<JournalFile> released) {
        synchronized (spares) {
            for (JournalFile file : released) {
                spares.addLast(new Spare(JournalFormat.fileName(file.number()), file.disk()));
            }
        }
    }

    int spareCount() {
        synchronized (spares) {
            return spares.size();
        }
    }

    /**
     * Makes files and offers them to {@code space} until so many are prepared there. Their names are made durable together,
     * on a busy disk that takes longer than all the rest, unless somebody waits for one. What was made before a failure is
     * offered. Blocks on the disk.
     *
     * @param existingMax none is new when so many files exist, in use or not: then they come out of released ones, or not at
     *     all
     */
    void prepareFor(AppendSpace space, int count, long existingMax) throws IOException {
        boolean isDone = false;
        while (!isDone) {
            making.lock();
            try {
                isDone = closed || prepareSome(space, count, existingMax);
            } finally {
                making.unlock();
            }
        }
    }

    /** Until so many are prepared, none can be made, or somebody waits and gets what there is: false in that case. */
    private boolean prepareSome(AppendSpace space, int count, long existingMax) throws IOException {
        List<JournalFile> made = new ArrayList<>();
        int missing = count - space.preparedCount();
        boolean isWaitedFor = false;
        try {
            while (made.size() < missing && !isWaitedFor) {
                if (spareCount() == 0 && existing >= existingMax) {
                    break;
                }
                made.add(makeFile());
                isWaitedFor = making.hasQueuedThreads();
            }
            diskIsFull = false;
        } catch (DiskFullException e) {
            diskIsFull = made.isEmpty() && space.preparedCount() == 0;
            throw e;
        } finally {
            nameDurably(made);
            made.forEach(space::offer);
        }
        return !isWaitedFor;
    }

    /** When that fails, they serve later. */
    private void nameDurably(List<JournalFile> made) throws IOException {
        boolean durable = made.isEmpty();
        try {
            if (!durable) {
                directory.syncDirectory();
                durable = true;
            }
        } finally {
            if (!durable) {
                give(made);
                made.clear();
            }
        }
    }

    /** True when no file is prepared because the last attempt to make one failed for want of disk space. */
    boolean diskIsFull() {
        return diskIsFull;
    }

    /** The next file, without a header yet. Blocks on the disk. */
    JournalFile make() throws IOException {
        making.lock();
        try {
            List<JournalFile> made = new ArrayList<>(List.of(makeFile()));
            nameDurably(made);
            return made.get(0);
        } finally {
            making.unlock();
        }
    }

    /** The next file, under a name that is not durable yet. */
    private JournalFile makeFile() throws IOException {
        Invariant.check(nextNumber <= JournalFormat.FILE_NUMBER_MAX, "file numbers are used up");
        DiskFile file = takeSpare(JournalFormat.fileName(nextNumber));
        if (file == null) {
            file = create(JournalFormat.fileName(nextNumber));
        }
        byte[] salt = entropy.bytes(JournalFormat.SALT_BYTES);
        JournalFile made = new JournalFile(
                nextNumber, epoch, file, salt, JournalFormat.cipher(keys, salt, FormatKind.JOURNAL.version()), units);
        nextNumber++;
        return made;
    }

    private @Nullable DiskFile takeSpare(String name) throws IOException {
        Spare spare;
        synchronized (spares) {
            spare = spares.pollFirst();
        }
        if (spare == null) {
            return null;
        }
        String nameNow = spare.name();
        boolean ready = false;
        try {
            if (!nameNow.equals(name)) {
                directory.rename(nameNow, name);
                nameNow = name;
            }
            reserve(spare.file());
            ready = true;
            return spare.file();
        } finally {
            if (!ready) {
                synchronized (spares) {
                    spares.addFirst(new Spare(nameNow, spare.file()));
                }
            }
        }
    }

    private DiskFile create(String name) throws IOException {
        DiskFile file = directory.create(name);
        boolean ready = false;
        try {
            reserve(file);
            ready = true;
            existing++;
            return file;
        } finally {
            if (!ready) {
                file.close();
                directory.delete(name);
            }
        }
    }

    private void reserve(DiskFile file) throws IOException {
        long bytes = (long) units * JournalFormat.UNIT_BYTES;
        if (file.size() != bytes) {
            file.allocate(bytes);
            file.sync();
        }
    }

    /** Nothing is made any more; gives the files not in use, to be closed. */
    List<DiskFile> close() {
        making.lock();
        try {
            closed = true;
            synchronized (spares) {
                List<DiskFile> files = spares.stream().map(Spare::file).toList();
                spares.clear();
                return files;
            }
        } finally {
            making.unlock();
        }
    }
}
