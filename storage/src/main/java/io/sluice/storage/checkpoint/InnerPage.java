package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.POINTER_WORDS;

/**
 * Access to the words of an inner page: 512 pointers of three words each.
 *
 * <pre>
 *   word 3c      object number (0: no page)
 *   word 3c + 1  offset (high 32 bits), stored length (low 32 bits)
 *   word 3c + 2  lowest object number in the subtree
 * </pre>
 */
final class InnerPage {
    private InnerPage() {}

    static PagePointer child(long[] words, int child) {
        int at = child * POINTER_WORDS;
        return words[at] == 0
                ? PagePointer.ABSENT
                : new PagePointer(words[at], (int) (words[at + 1] >>> 32), (int) words[at + 1], words[at + 2]);
    }

    static void child(long[] words, int child, PagePointer pointer) {
        int at = child * POINTER_WORDS;
        words[at] = pointer.object();
        words[at + 1] = ((long) pointer.offsetBytes() << 32) | pointer.storedBytes();
        words[at + 2] = pointer.oldestObject();
    }

    static boolean isEmpty(long[] words) {
        for (int child = 0; child < FAN_OUT; child++) {
            if (words[child * POINTER_WORDS] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The lowest object number in the subtrees of all children, {@code Long.MAX_VALUE} when there is none. */
    static long oldestObject(long[] words) {
        long oldest = Long.MAX_VALUE;
        for (int child = 0; child < FAN_OUT; child++) {
            if (words[child * POINTER_WORDS] != 0) {
                oldest = Math.min(oldest, words[(child * POINTER_WORDS) + 2]);
            }
        }
        return oldest;
    }
}
