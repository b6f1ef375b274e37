package io.sluice.target.iscsi.session;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tasks of a session by initiator task tag: open addressing, no garbage. Confined. */
final class TaskTable {
    private final int mask;
    private final @Nullable SessionTask[] slots;
    private int size;

    /** For at most {@code tasksMax} tasks at a time. */
    TaskTable(int tasksMax) {
        int capacity = Integer.highestOneBit(Math.max(8, tasksMax) * 2) * 2;
        mask = capacity - 1;
        slots = new @Nullable SessionTask[capacity];
    }

    int size() {
        return size;
    }

    @Nullable
    SessionTask find(int tag) {
        int at = home(tag);
        for (SessionTask task = slots[at]; task != null; task = slots[at]) {
            if (task.tag() == tag) {
                return task;
            }
            at = (at + 1) & mask;
        }
        return null;
    }

    /** The tag must be new. */
    void add(SessionTask task) {
        int at = home(task.tag());
        while (slots[at] != null) {
            at = (at + 1) & mask;
        }
        slots[at] = task;
        size++;
    }

    void remove(SessionTask task) {
        int at = home(task.tag());
        while (slots[at] != task) {
            if (slots[at] == null) {
                return;
            }
            at = (at + 1) & mask;
        }
        slots[at] = null;
        size--;
        closeGap(at);
    }

    /** {@code action} must not change the table. */
    void forEach(Consumer<SessionTask> action) {
        for (SessionTask task : slots) {
            if (task != null) {
                action.accept(task);
            }
        }
    }

    /** Moves back what had been pushed past the slot that became free. */
    private void closeGap(int freed) {
        int gap = freed;
        int at = (gap + 1) & mask;
        for (SessionTask task = slots[at]; task != null; task = slots[at]) {
            int distanceFromHome = (at - home(task.tag())) & mask;
            if (distanceFromHome >= ((at - gap) & mask)) {
                slots[gap] = task;
                slots[at] = null;
                gap = at;
            }
            at = (at + 1) & mask;
        }
    }

    private int home(int tag) {
        int mixed = tag * 0x9e37_79b9;
        return (mixed ^ (mixed >>> 16)) & mask;
    }
}
