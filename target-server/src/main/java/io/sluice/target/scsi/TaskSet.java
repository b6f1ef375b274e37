package io.sluice.target.scsi;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one task set of a logical unit (SAM-5 section 8, TST=000b). A command is <em>dormant</em> (waits for its turn) or
 * <em>enabled</em> (executes), then leaves.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>HEAD OF QUEUE is enabled at once. SIMPLE is enabled unless a barrier (an ORDERED or HEAD OF QUEUE command) is
 *       enabled or an older command is dormant. ORDERED is enabled when nothing else is enabled.
 *   <li>Dormant commands are enabled in the order of their arrival.
 *   <li>The lock is held for list operations only, never while a command executes or ends.
 * </ol>
 */
final class TaskSet {
    private final List<Command> enabled = new ArrayList<>();
    private final ArrayDeque<Command> dormant = new ArrayDeque<>();
    private int barriersEnabled;

    /** True: the command is enabled, execute it now. False: it is dormant and will be started on its loop. */
    synchronized boolean enter(Command command) {
        if (mayEnable(command) && (dormant.isEmpty() || isHeadOfQueue(command))) {
            enable(command);
            return true;
        }
        dormant.add(command);
        return false;
    }

    /** A command of the copy manager's own, part of one that has had its turn: it waits for nobody. */
    synchronized void enterAtOnce(Command command) {
        enable(command);
    }

    /** Takes an enabled command out and starts what waited for it; returns the latches that wait for its end. */
    @Nullable
    List<QuietLatch> leave(Command command) {
        List<Command> started = List.of();
        List<QuietLatch> latches;
        synchronized (this) {
            disable(command);
            if (!dormant.isEmpty()) {
                started = enableDormant();
            }
            latches = command.takeLatches();
        }
        for (Command next : started) {
            next.start();
        }
        return latches;
    }

    /**
     * Aborts what matches: dormant commands end at once, enabled ones as soon as their I/O under way is over; the latch
     * is held for these.
     *
     * @return how many matched
     */
    int abort(Predicate<Command> victims, QuietLatch latch) {
        List<Command> removed = new ArrayList<>();
        List<Command> started;
        int running = 0;
        synchronized (this) {
            for (Iterator<Command> each = dormant.iterator(); each.hasNext(); ) {
                Command command = each.next();
                if (victims.test(command)) {
                    each.remove();
                    removed.add(command);
                }
            }
            for (Command command : enabled) {
                if (victims.test(command)) {
                    command.abortWhenQuiet(latch);
                    running++;
                }
            }
            started = enableDormant();
        }
        removed.forEach(Command::endDormant);
        started.forEach(Command::start);
        return removed.size() + running;
    }

    private boolean mayEnable(Command command) {
        return switch (command.attribute()) {
            case HEAD_OF_QUEUE -> true;
            case ORDERED -> enabled.isEmpty();
            case UNTAGGED, SIMPLE, ACA -> barriersEnabled == 0;
        };
    }

    private List<Command> enableDormant() {
        List<Command> started = new ArrayList<>();
        Command next = dormant.peek();
        while (next != null && mayEnable(next)) {
            dormant.remove();
            enable(next);
            started.add(next);
            next = dormant.peek();
        }
        return started;
    }

    private void enable(Command command) {
        command.place = enabled.size();
        enabled.add(command);
        if (isBarrier(command)) {
            barriersEnabled++;
        }
    }

    private void disable(Command command) {
        Command last = enabled.remove(enabled.size() - 1);
        if (last != command) {
            enabled.set(command.place, last);
            last.place = command.place;
        }
        if (isBarrier(command)) {
            barriersEnabled--;
        }
    }

    private static boolean isBarrier(Command command) {
        return command.attribute() == TaskAttribute.ORDERED || isHeadOfQueue(command);
    }

    private static boolean isHeadOfQueue(Command command) {
        return command.attribute() == TaskAttribute.HEAD_OF_QUEUE;
    }
}
