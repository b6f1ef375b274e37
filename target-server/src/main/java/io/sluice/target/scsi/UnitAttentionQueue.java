package io.sluice.target.scsi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The unit attention conditions of one I_T_L nexus (SAM-5 section 5.14). Thread-safe: conditions come from every loop,
 * only the nexus's own loop reports them.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A condition stands in the queue at most once, so the queue is bounded by the number of codes.
 *   <li>Resets (29h) are reported before anything else; equals in the order of their arrival.
 *   <li>{@code pending} is true exactly while the queue is not empty.
 * </ol>
 */
final class UnitAttentionQueue {
    private static final int RESET_CODE = 0x29;

    private final List<SenseCode> conditions = new ArrayList<>();
    private volatile boolean pending;

    synchronized void add(SenseCode condition) {
        if (conditions.contains(condition)) {
            return;
        }
        int place = conditions.size();
        if (condition.additionalCode() == RESET_CODE) {
            place = 0;
            while (place < conditions.size() && conditions.get(place).additionalCode() == RESET_CODE) {
                place++;
            }
        }
        conditions.add(place, condition);
        pending = true;
    }

    /** Without a lock: whether {@link #next} would find something. */
    boolean isPending() {
        return pending;
    }

    /** Takes the condition to report now. */
    synchronized @Nullable SenseCode next() {
        if (conditions.isEmpty()) {
            return null;
        }
        SenseCode first = conditions.remove(0);
        pending = !conditions.isEmpty();
        return first;
    }

    synchronized void remove(SenseCode condition) {
        conditions.remove(condition);
        pending = !conditions.isEmpty();
    }
}
