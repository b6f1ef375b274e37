package io.sluice.storage.checkpoint;

import java.util.Arrays;

/**
 * What became of one block whose place is not known: a mapping of old places to new ones, as pairs in an array; at all
 * other places it stayed. The old places differ from each other, and nothing is mapped to itself by {@link #of}.
 *
 * <p>A block that was moved twice while the state below was not in memory has one pair when the second move took it from
 * where the first one put it, and two when it took it from elsewhere: one of them is stale then, and only the state below
 * says which.
 */
final class PlaceMoves {
    private PlaceMoves() {}

    /** From {@code from} to {@code to}. */
    static long[] of(long from, long to) {
        return new long[] {from, to};
    }

    /** Where a block is that stood at {@code place}. */
    static long after(long[] moves, long place) {
        for (int i = 0; i < moves.length; i += 2) {
            if (moves[i] == place) {
                return moves[i + 1];
            }
        }
        return place;
    }

    /** {@code first}, then {@code second}. */
    static long[] then(long[] first, long[] second) {
        long[] moves = Arrays.copyOf(first, first.length + second.length);
        for (int i = 0; i < first.length; i += 2) {
            moves[i + 1] = after(second, first[i + 1]);
        }
        int length = first.length;
        for (int i = 0; i < second.length; i += 2) {
            if (!hasOld(first, second[i])) {
                moves[length] = second[i];
                moves[length + 1] = second[i + 1];
                length += 2;
            }
        }
        return length == moves.length ? moves : Arrays.copyOf(moves, length);
    }

    private static boolean hasOld(long[] moves, long place) {
        for (int i = 0; i < moves.length; i += 2) {
            if (moves[i] == place) {
                return true;
            }
        }
        return false;
    }
}
