package io.sluice.integration;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of moments of a {@link DiskHistory}'s clock: ranges {@code from} to {@code end - 1}, ascending, apart from each
 * other. Immutable.
 */
final class Moments {
    /** Behind every moment. */
    static final long NEVER = Long.MAX_VALUE;

    private final List<Range> ranges;

    private record Range(long from, long end) {}

    private Moments(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    /** One range. */
    static Moments between(long from, long end) {
        return new Moments(from < end ? List.of(new Range(from, end)) : List.of());
    }

    /** No moment. */
    static Moments none() {
        return new Moments(List.of());
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean contains(long moment) {
        return ranges.stream().anyMatch(range -> range.from <= moment && moment < range.end);
    }

    /** The last one. */
    long last() {
        return ranges.get(ranges.size() - 1).end - 1;
    }

    /** These, and {@code from} to {@code end - 1}, where {@code from} is not before the last range's beginning. */
    Moments and(long from, long end) {
        List<Range> more = new ArrayList<>(ranges);
        Range last = more.isEmpty() ? null : more.get(more.size() - 1);
        if (last != null && last.end >= from) {
            more.set(more.size() - 1, new Range(last.from, Math.max(last.end, end)));
        } else {
            more.add(new Range(from, end));
        }
        return new Moments(more);
    }

    /** Those that are in both. */
    Moments in(Moments other) {
        List<Range> both = new ArrayList<>();
        for (Range mine : ranges) {
            for (Range theirs : other.ranges) {
                long from = Math.max(mine.from, theirs.from);
                long end = Math.min(mine.end, theirs.end);
                if (from < end) {
                    both.add(new Range(from, end));
                }
            }
        }
        return new Moments(both);
    }

    @Override
    public String toString() {
        return ranges.stream()
                .map(range -> range.from + "-" + (range.end == NEVER ? "" : range.end - 1))
                .toList()
                .toString();
    }
}
