package io.sluice.storage.checkpoint;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/** The greatest number that was put for each block; 0 where none was. Memory: about 100 bytes per extent with one number. */
final class VersionSteps {
    /** The number from a block on up to the next entry. */
    private final TreeMap<Long, Long> steps = new TreeMap<>(Map.of(0L, 0L));

    /** Takes the blocks of a step. */
    interface Consumer {
        void accept(long first, long end, long number);
    }

    /** Blocks {@code first} to {@code end - 1} get {@code number} where they have a lower one. */
    void raise(long first, long end, long number) {
        split(first);
        split(end);
        Map.Entry<Long, Long> below = steps.lowerEntry(first);
        long before = below == null ? -1 : below.getValue();
        Iterator<Map.Entry<Long, Long>> parts =
                steps.subMap(first, end).entrySet().iterator();
        while (parts.hasNext()) {
            Map.Entry<Long, Long> part = parts.next();
            long raised = Math.max(part.getValue(), number);
            if (raised == before) {
                parts.remove();
            } else {
                part.setValue(raised);
            }
            before = raised;
        }
        steps.remove(end, before);
    }

    private void split(long at) {
        steps.put(at, steps.floorEntry(at).getValue());
    }

    /** Gives the steps of blocks {@code first} to {@code end - 1}, ascending. */
    void forEach(long first, long end, Consumer consumer) {
        long from = first;
        while (from < end) {
            Long next = steps.higherKey(from);
            long to = next == null ? end : Math.min(end, next);
            consumer.accept(from, to, steps.floorEntry(from).getValue());
            from = to;
        }
    }
}
