package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.RootRecord.ObjectUse;
import java.util.Map;
import java.util.SortedMap;

/**
 * Which pages a checkpoint writes anew though nothing in them changed, so that old objects get empty: those in the oldest
 * objects, within a budget. This keeps the objects' bytes below about twice the live ones, and their number bounded, at
 * the cost of about one more page for each page that changed.
 */
final class Evacuation {
    /** Objects may hold this much more than twice the live bytes. */
    static final long SLACK_BYTES = 32 << 20;

    private static final int OBJECTS_MAX = 1024;
    private static final int BYTES_PER_OBJECT = 1 << 20;
    private static final long BUDGET_BYTES_MIN = 1 << 20;
    private static final long BUDGET_BYTES_PER_PAGE = 16 << 10;

    private final long newestObject;
    private long budgetBytes;

    private Evacuation(long newestObject, long budgetBytes) {
        this.newestObject = newestObject;
        this.budgetBytes = budgetBytes;
    }

    /** What to do given the object table and the number of leaf pages that change anyway. */
    static Evacuation plan(SortedMap<Long, ObjectUse> objects, int changedPages, long slackBytes) {
        long total = 0;
        long live = 0;
        long reached = 0;
        for (ObjectUse use : objects.values()) {
            if (use.deadSince() == 0) {
                total += use.totalBytes();
                live += use.liveBytes();
                reached++;
            }
        }
        if (total <= (2 * live) + slackBytes && reached <= OBJECTS_MAX + (live / BYTES_PER_OBJECT)) {
            return new Evacuation(0, 0);
        }
        long budget = Math.max(BUDGET_BYTES_MIN, BUDGET_BYTES_PER_PAGE * changedPages);
        return new Evacuation(choose(objects, budget), budget);
    }

    private static long choose(SortedMap<Long, ObjectUse> objects, long budget) {
        long newest = 0;
        long sum = 0;
        for (Map.Entry<Long, ObjectUse> object : objects.entrySet()) {
            if (object.getValue().liveBytes() > 0) {
                sum += object.getValue().liveBytes();
                newest = newest == 0 || sum <= budget ? object.getKey() : newest;
            }
            if (sum > budget) {
                break;
            }
        }
        return newest;
    }

    /** True when a page below or at {@code pointer} should be written anew. */
    boolean wantsBelow(PagePointer pointer) {
        return budgetBytes > 0 && !pointer.isAbsent() && pointer.oldestObject() <= newestObject;
    }

    /** True when this page should be written anew; takes it from the budget. */
    boolean takes(PagePointer pointer) {
        if (budgetBytes <= 0 || pointer.isAbsent() || pointer.object() > newestObject) {
            return false;
        }
        budgetBytes -= pointer.storedBytes();
        return true;
    }
}
