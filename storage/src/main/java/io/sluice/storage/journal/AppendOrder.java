package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import org.jspecify.annotations.Nullable;

/**
 * The ordering rule of the journal: ranges are entered in address order, completed in any order, and leave in address
 * order; the applied watermark moves and acknowledgements run only as ranges leave.
 *
 * <pre>
 *   enter ──▶ UNDER_WAY ──complete──▶ COMPLETE ──all lower ranges have left──▶ left: watermark moved, acknowledged
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Tickets are consecutive and the ends of their ranges grow.
 *   <li>{@link #appliedEnd} is the end of the last range that left; no range below it is under way.
 *   <li>An acknowledgement runs once, after its range has left, outside the lock.
 *   <li>Entering and completing allocate nothing unless more ranges are under way than ever before.
 * </ol>
 *
 * Thread-safe; the lock is held for a few stores, never during I/O.
 */
final class AppendOrder {
    private final Object lock = new Object();
    private long[] ends = new long[64];
    private @Nullable Runnable[] completions = new @Nullable Runnable[64];
    private long firstTicket;
    private long nextTicket;
    private long enteredEnd;
    private volatile long appliedEnd;

    AppendOrder(long start) {
        enteredEnd = start;
        appliedEnd = start;
    }

    /** Enters the range up to {@code end}; the caller sees to it that calls come in address order. */
    long enter(long end) {
        synchronized (lock) {
            Invariant.check(end > enteredEnd, "ranges are entered in address order", end, enteredEnd);
            if (nextTicket - firstTicket == ends.length) {
                grow();
            }
            enteredEnd = end;
            ends[slot(nextTicket)] = end;
            return nextTicket++;
        }
    }

    /** The range is written and applied (or void): {@code acknowledge} runs when all lower ones are. */
    void complete(long ticket, @Nullable Runnable acknowledge) {
        synchronized (lock) {
            Invariant.check(ticket >= firstTicket && ticket < nextTicket, "ticket is under way", ticket, firstTicket);
            Invariant.check(completions[slot(ticket)] == null, "range is completed once", ticket, firstTicket);
            completions[slot(ticket)] = acknowledge == null ? AppendOrder::nothing : acknowledge;
            if (ticket != firstTicket) {
                return;
            }
        }
        Runnable next = leave();
        while (next != null) {
            next.run();
            next = leave();
        }
    }

    long appliedEnd() {
        return appliedEnd;
    }

    /** True when nothing is under way. */
    boolean isIdle() {
        synchronized (lock) {
            return firstTicket == nextTicket;
        }
    }

    private @Nullable Runnable leave() {
        synchronized (lock) {
            if (firstTicket == nextTicket) {
                return null;
            }
            int slot = slot(firstTicket);
            Runnable completion = completions[slot];
            if (completion != null) {
                completions[slot] = null;
                appliedEnd = ends[slot];
                firstTicket++;
            }
            return completion;
        }
    }

    private void grow() {
        long[] newEnds = new long[ends.length * 2];
        @Nullable Runnable[] newCompletions = new @Nullable Runnable[ends.length * 2];
        for (long ticket = firstTicket; ticket < nextTicket; ticket++) {
            int to = (int) (ticket & (newEnds.length - 1));
            newEnds[to] = ends[slot(ticket)];
            newCompletions[to] = completions[slot(ticket)];
        }
        ends = newEnds;
        completions = newCompletions;
    }

    /** The acknowledgement of a range that nobody waits for. */
    private static void nothing() {}

    private int slot(long ticket) {
        return (int) (ticket & (ends.length - 1));
    }
}
