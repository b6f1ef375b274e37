package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Gives out the addresses of the log, within its capacity, and goes on to the next prepared file when one is full.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Reserved ranges follow each other without a gap, apart from the rest of a file that is too short for a batch.
 *   <li>They are entered into {@link AppendOrder} in that order.
 *   <li>Reserved units between tail and end, unused rests included, never exceed the capacity.
 *   <li>The tail only grows.
 *   <li>Files are prepared in the order of their numbers, and begun in it.
 * </ol>
 *
 * Thread-safe; the lock is held for a few stores, never during I/O.
 */
final class AppendSpace {
    /** What became of a wish for space. */
    enum Answer {
        GIVEN,
        FULL,
        /** A file must be prepared and offered first. */
        NEEDS_FILE
    }

    private final Object lock = new Object();
    private final LiveFiles live;
    private final AppendOrder order;
    private final long capacityUnits;
    private JournalFile active;
    private int nextUnit = 1;
    private final Deque<JournalFile> prepared = new ArrayDeque<>();
    private volatile long tail;

    /** {@code active} has its header and is the newest of {@code live}. */
    AppendSpace(LiveFiles live, AppendOrder order, JournalFile active, long tail, long capacityUnits) {
        this.live = live;
        this.order = order;
        this.active = active;
        this.tail = tail;
        this.capacityUnits = capacityUnits;
    }

    Answer reserve(int units, Reservation into) {
        synchronized (lock) {
            boolean fits = fitsActive(units);
            if (!hasRoom(units)) {
                return Answer.FULL;
            }
            if (!fits && prepared.isEmpty()) {
                return Answer.NEEDS_FILE;
            }
            long previousEnd = active.address(nextUnit);
            long headerTicket = fits ? 0 : beginNextFile();
            int unit = nextUnit;
            nextUnit += units;
            into.set(active, unit, order.enter(active.address(nextUnit)));
            if (!fits) {
                into.setBegun(active, headerTicket, previousEnd);
            }
            return Answer.GIVEN;
        }
    }

    private long beginNextFile() {
        JournalFile next = prepared.remove();
        active.seal(nextUnit);
        live.append(next);
        active = next;
        nextUnit = 1;
        return order.enter(next.address(1));
    }

    /** How many files are offered and not begun. */
    int preparedCount() {
        synchronized (lock) {
            return prepared.size();
        }
    }

    void offer(JournalFile file) {
        synchronized (lock) {
            JournalFile last = prepared.isEmpty() ? active : prepared.getLast();
            Invariant.check(file.number() > last.number(), "file numbers grow", file.number(), last.number());
            prepared.add(file);
        }
    }

    /** The files offered but not begun, so that they can be closed. */
    List<JournalFile> takePrepared() {
        synchronized (lock) {
            List<JournalFile> files = List.copyOf(prepared);
            prepared.clear();
            return files;
        }
    }

    /** Whether a batch of so many units would not meet FULL now. */
    boolean hasRoomFor(int units) {
        synchronized (lock) {
            return hasRoom(units);
        }
    }

    long tail() {
        return tail;
    }

    void release(long address) {
        synchronized (lock) {
            tail = Math.max(tail, address);
        }
    }

    /** Units from the tail to {@code end}. */
    long usedUnits(long end) {
        return live.position(end) - live.position(tail);
    }

    /** Units below the tail, from an arbitrary start. */
    long releasedUnits() {
        return live.position(tail);
    }

    private boolean fitsActive(int units) {
        return units <= active.units() - nextUnit;
    }

    private boolean hasRoom(int units) {
        long end = fitsActive(units)
                ? active.startUnits() + nextUnit + units
                : active.startUnits() + active.units() + 1 + units;
        return end - live.position(tail) <= capacityUnits;
    }
}
