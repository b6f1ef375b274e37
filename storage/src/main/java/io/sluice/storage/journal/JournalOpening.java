package io.sluice.storage.journal;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The steps from a recovered log to an open journal. A crash after any of them leaves a directory in which recovery
 * finds the same log:
 *
 * <ol>
 *   <li>what was recovered is made durable, so that nothing new ever follows something that can still get lost: what may
 *       not have been durable is written again before the sync, because after a sync that failed in the process before
 *       this one the kernel may think bytes clean that never reached the disk;
 *   <li>the mark of the last clean close goes, and the first new file gets a durable name (without a header it is nothing);
 *   <li>it gets its header, which says that it follows the recovered end, and is synced;
 *   <li>only now the obsolete files are deleted, so that file numbers never go back.
 * </ol>
 */
final class JournalOpening {
    private static final int REWRITE_UNITS = 256;

    private final LocalDisk directory;
    private final @Nullable KeyDerivation keys;
    private final RecoveredLog recovered;
    private final long epoch;
    private final int units;
    private final LiveFiles live = new LiveFiles();
    private final List<DiskFile> opened = new ArrayList<>();
    private final List<String> surplus = new ArrayList<>();
    private @Nullable FileSupply supply;
    private @Nullable JournalFile first;

    JournalOpening(LocalDisk directory, @Nullable KeyDerivation keys, RecoveredLog recovered, long epoch, int units) {
        this.directory = directory;
        this.keys = keys;
        this.recovered = recovered;
        this.epoch = epoch;
        this.units = units;
    }

    /** Steps 1 and 2; of the spare files at most {@code filesMax} together with those in use are kept. */
    void takeOverFiles(Entropy entropy, long filesMax) throws IOException {
        for (RecoveredFile file : recovered.files()) {
            live.append(open(file));
        }
        List<FileSupply.Spare> spares = new ArrayList<>();
        long spareMax = Math.max(0, filesMax - recovered.files().size());
        long over = Math.max(0, recovered.spares().size() - spareMax);
        for (String name : recovered.spares()) {
            if (over-- > 0) {
                surplus.add(name);
            } else {
                spares.add(new FileSupply.Spare(name, open(name)));
            }
        }
        CloseMark.delete(directory);
        FileSupply made = new FileSupply(
                directory,
                keys,
                entropy,
                epoch,
                units,
                recovered.nextFileNumber(),
                recovered.files().size(),
                spares);
        supply = made;
        JournalFile next = made.make();
        opened.add(next.disk());
        live.append(next);
        first = next;
    }

    private JournalFile open(RecoveredFile recoveredFile) throws IOException {
        FileHeader header = recoveredFile.header();
        DiskFile disk = open(recoveredFile.name());
        makeDurable(recoveredFile, disk);
        JournalFile file = new JournalFile(
                header.number(),
                header.epoch(),
                disk,
                header.salt(),
                JournalFormat.cipher(keys, header.salt(), header.version()),
                recoveredFile.units(),
                recoveredFile.checksums());
        file.seal(recoveredFile.endUnit());
        return file;
    }

    private void makeDurable(RecoveredFile file, DiskFile disk) throws IOException {
        long synced = recovered.syncedEnd();
        int unit = 0;
        if (file.number() == JournalFormat.fileNumber(synced)) {
            unit = JournalFormat.unit(synced);
        } else if (file.number() < JournalFormat.fileNumber(synced)) {
            unit = file.endUnit();
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(REWRITE_UNITS << JournalFormat.UNIT_SHIFT);
        while (unit < file.endUnit()) {
            int count = Math.min(REWRITE_UNITS, file.endUnit() - unit);
            long at = (long) unit << JournalFormat.UNIT_SHIFT;
            disk.read(bytes.position(0).limit(count << JournalFormat.UNIT_SHIFT), at);
            disk.write(bytes.flip(), at);
            unit += count;
        }
        disk.sync();
    }

    private DiskFile open(String name) throws IOException {
        DiskFile disk = directory.open(name);
        opened.add(disk);
        return disk;
    }

    /** Steps 3 (its sync) and 4. */
    void finish() throws IOException {
        first().disk().sync();
        for (String name : recovered.obsolete()) {
            directory.delete(name);
        }
        for (String name : surplus) {
            directory.delete(name);
        }
        directory.syncDirectory();
    }

    /** Closes what was opened. */
    void abandon(Exception reason) {
        for (DiskFile file : opened) {
            try {
                file.close();
            } catch (IOException e) {
                reason.addSuppressed(e);
            }
        }
    }

    LiveFiles live() {
        return live;
    }

    FileSupply supply() {
        return Objects.requireNonNull(supply, "files are taken over");
    }

    JournalFile first() {
        return Objects.requireNonNull(first, "files are taken over");
    }

    long tail() {
        return recovered.firstAddress();
    }

    /** Everything before the first batch of the new file is synced when opening has finished. */
    long syncedEnd() {
        return first().address(1);
    }
}
