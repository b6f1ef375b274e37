package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that hold the log now, oldest first. Readers look at one immutable array; changes replace it. Thread-safe.
 *
 * <p>Invariant: numbers grow, and {@link JournalFile#startUnits} of a file is that of the one before plus its units.
 */
final class LiveFiles {
    private volatile JournalFile[] files = {};

    synchronized void append(JournalFile file) {
        JournalFile[] old = files;
        if (old.length > 0) {
            JournalFile last = old[old.length - 1];
            Invariant.check(file.number() > last.number(), "file numbers grow", file.number(), last.number());
            file.startAt(last.startUnits() + last.units());
        }
        JournalFile[] next = Arrays.copyOf(old, old.length + 1);
        next[old.length] = file;
        files = next;
    }

    /** Takes out, oldest first, the files that lie wholly below {@code address}; the newest file always stays. */
    synchronized List<JournalFile> removeBelow(long address) {
        JournalFile[] old = files;
        List<JournalFile> removed = new ArrayList<>();
        int from = 0;
        while (from < old.length - 1 && liesBelow(old[from], address)) {
            removed.add(old[from++]);
        }
        if (from > 0) {
            files = Arrays.copyOfRange(old, from, old.length);
        }
        return removed;
    }

    private static boolean liesBelow(JournalFile file, long address) {
        long number = JournalFormat.fileNumber(address);
        return file.number() < number || (file.number() == number && file.endsAt(address));
    }

    /** The file that holds {@code address}; null when it is released or not there yet. */
    @Nullable
    JournalFile find(long address) {
        JournalFile file = atOrAfter(JournalFormat.fileNumber(address));
        return file != null && file.number() == JournalFormat.fileNumber(address) ? file : null;
    }

    /** The oldest file whose number is at least {@code number}. */
    @Nullable
    JournalFile atOrAfter(long number) {
        JournalFile[] now = files;
        int low = 0;
        int high = now.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (now[middle].number() < number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < now.length ? now[low] : null;
    }

    /** All files, oldest first. */
    List<JournalFile> all() {
        return List.of(files);
    }

    int count() {
        return files.length;
    }

    /** Where {@code address} lies in the log, in units from an arbitrary start: only differences mean anything. */
    long position(long address) {
        JournalFile[] now = files;
        JournalFile file = atOrAfter(JournalFormat.fileNumber(address));
        if (file == null) {
            JournalFile last = now[now.length - 1];
            return last.startUnits() + last.units();
        }
        return file.number() == JournalFormat.fileNumber(address)
                ? file.startUnits() + JournalFormat.unit(address)
                : file.startUnits();
    }
}
