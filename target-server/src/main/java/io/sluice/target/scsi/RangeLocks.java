package io.sluice.target.scsi;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Makes read-modify-write commands atomic against all writes of the logical unit, over all sessions (SBC-3 section
 * 4.4.3, COMPARE AND WRITE). Plain writes share, COMPARE AND WRITE and ORWRITE exclude.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>No two holders overlap when one of them is exclusive.
 *   <li>A waiting command is overtaken only by commands it does not conflict with: nobody starves, nothing deadlocks
 *       (a command holds one range at most).
 *   <li>The internal lock is held for list operations only.
 * </ol>
 */
final class RangeLocks {
    private final List<Command> holders = new ArrayList<>();
    private final List<Command> waiting = new ArrayList<>();
    private int exclusiveHolders;

    /** True: the command holds its range. False: it waits and is started on its loop when it holds it. */
    synchronized boolean acquire(Command command) {
        if (conflictsWithHolder(command) || conflictsWithWaiting(command, waiting.size())) {
            waiting.add(command);
            return false;
        }
        hold(command);
        return true;
    }

    void release(Command command) {
        List<Command> granted = List.of();
        synchronized (this) {
            drop(command);
            if (!waiting.isEmpty()) {
                granted = grant();
            }
        }
        for (int i = 0; i < granted.size(); i++) {
            granted.get(i).start();
        }
    }

    private List<Command> grant() {
        List<Command> granted = new ArrayList<>();
        int older = 0;
        for (Iterator<Command> each = waiting.iterator(); each.hasNext(); ) {
            Command command = each.next();
            if (conflictsWithHolder(command) || conflictsWithWaiting(command, older)) {
                older++;
                continue;
            }
            each.remove();
            hold(command);
            granted.add(command);
        }
        return granted;
    }

    private boolean conflictsWithHolder(Command command) {
        if (exclusiveHolders == 0 && !command.exclusive) {
            return false;
        }
        for (Command holder : holders) {
            if (conflict(command, holder)) {
                return true;
            }
        }
        return false;
    }

    private boolean conflictsWithWaiting(Command command, int count) {
        for (int i = 0; i < count; i++) {
            if (conflict(command, waiting.get(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean conflict(Command one, Command other) {
        return (one.exclusive || other.exclusive)
                && one.offsetBytes() < other.offsetBytes() + other.lengthBytes()
                && other.offsetBytes() < one.offsetBytes() + one.lengthBytes();
    }

    private void hold(Command command) {
        command.rangePlace = holders.size();
        holders.add(command);
        if (command.exclusive) {
            exclusiveHolders++;
        }
    }

    private void drop(Command command) {
        Command last = holders.remove(holders.size() - 1);
        if (last != command) {
            holders.set(command.rangePlace, last);
            last.rangePlace = command.rangePlace;
        }
        if (command.exclusive) {
            exclusiveHolders--;
        }
    }
}
