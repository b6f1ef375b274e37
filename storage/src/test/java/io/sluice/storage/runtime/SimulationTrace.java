package io.sluice.storage.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that happens in a simulation, as one number: two runs with the same number took the same steps in the same
 * order, with the same results. Keeps the last events as text for whoever has to find out what went wrong.
 *
 * <p>Steps of the scheduler are hashed and not kept: there are too many of them, and what they do is told by itself.
 */
public final class SimulationTrace {
    private static final int KEPT = 250;
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private final Deque<Event> last = new ArrayDeque<>(KEPT);
    private @Nullable Consumer<String> writer;
    private long hash;
    private long events;

    private record Event(long nowNanos, String what, String subject, long first, long second) {
        @Override
        public String toString() {
            return String.format(
                    java.util.Locale.ROOT, "%12.6f s  %s %s %d %d", nowNanos / 1e9, what, subject, first, second);
        }
    }

    /** From now on every event is also given as a line of text, steps included. */
    public void writeTo(Consumer<String> lines) {
        writer = lines;
    }

    /** Something happened to {@code subject}; the two numbers say more, as {@code what} defines. */
    public void note(long nowNanos, String what, String subject, long first, long second) {
        mix(nowNanos, what, subject, first, second);
        Event event = new Event(nowNanos, what, subject, first, second);
        if (last.size() == KEPT) {
            last.remove();
        }
        last.add(event);
        Consumer<String> lines = writer;
        if (lines != null) {
            lines.accept(event.toString());
        }
    }

    /** The scheduler runs a task of a lane. */
    void step(long nowNanos, String lane) {
        mix(nowNanos, "run", lane, 0, 0);
        Consumer<String> lines = writer;
        if (lines != null) {
            lines.accept(new Event(nowNanos, "run", lane, 0, 0).toString());
        }
    }

    private void mix(long nowNanos, String what, String subject, long first, long second) {
        events++;
        long event = (nowNanos * 31 + what.hashCode()) * MIX + subject.hashCode();
        event = (event ^ (event >>> 29)) * MIX + first;
        event = (event ^ (event >>> 32)) * MIX + second;
        hash = (hash ^ event) * MIX + 1;
        hash ^= hash >>> 31;
    }

    /** Equal for equal runs. */
    public long hash() {
        return hash;
    }

    /** How many events there were. */
    public long events() {
        return events;
    }

    /** The last events, oldest first. */
    public List<String> last() {
        List<String> lines = new ArrayList<>();
        last.forEach(event -> lines.add(event.toString()));
        return lines;
    }
}
