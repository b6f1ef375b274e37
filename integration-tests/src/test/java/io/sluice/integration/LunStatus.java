package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** The figures of one LUN at one moment, as {@code sluice status --json} tells them. */
public final class LunStatus {
    private final Map<?, ?> row;

    private LunStatus(Map<?, ?> row) {
        this.row = row;
    }

    /** As it is now. */
    public static LunStatus of(SluiceProcess server, String volume) {
        return new LunStatus(server.status(volume));
    }

    /** Waits until the bucket holds all that was written; the test fails when that takes too long. */
    public static LunStatus awaitDrained(SluiceProcess server, String volume, Duration limit)
            throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        LunStatus status = of(server, volume);
        while (status.number("dirtyBytes") > 0) {
            String shown = status.toString();
            assertTrue(System.nanoTime() < endNanos, () -> "never drained: " + shown);
            Thread.sleep(50);
            status = of(server, volume);
        }
        return status;
    }

    /** What the opening found. */
    public Map<?, ?> opening() {
        return assertInstanceOf(Map.class, row.get("opening"), () -> "opening in " + row);
    }

    /** "open", "degraded" and so on. */
    public String state() {
        return String.valueOf(row.get("state"));
    }

    /** A figure; the test fails when there is none of this name. */
    public long number(String name) {
        return assertInstanceOf(Number.class, row.get(name), () -> name + " in " + row)
                .longValue();
    }

    /** Requests to the store by "operation/cause"; never empty, for the volume was opened. */
    public Map<String, Long> requests() {
        Map<String, Long> requests = new TreeMap<>();
        if (row.get("requests") instanceof Map<?, ?> counts) {
            counts.forEach((kind, count) -> requests.put(
                    String.valueOf(kind), assertInstanceOf(Number.class, count).longValue()));
        }
        assertFalse(requests.isEmpty(), () -> "no requests are counted: " + row);
        return requests;
    }

    /** Requests whose kind begins so. */
    public long requests(String prefix) {
        return requests().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    @Override
    public String toString() {
        return row.toString();
    }
}
