package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CleanupTest {
    private final List<String> closed = new ArrayList<>();

    @Test
    void theNewestGoesFirstAndEachOnce() {
        Cleanup cleanup = new Cleanup();
        cleanup.add((AutoCloseable) () -> closed.add("first"));
        AutoCloseable second = cleanup.add((AutoCloseable) () -> closed.add("second"));
        cleanup.add((AutoCloseable) () -> closed.add("third"));
        cleanup.close(second);
        cleanup.close();
        cleanup.close();
        assertEquals(List.of("second", "third", "first"), closed);
    }

    @Test
    void aFailureDoesNotKeepTheOthersOpen() {
        Cleanup cleanup = new Cleanup();
        cleanup.add((AutoCloseable) () -> closed.add("first"));
        cleanup.add((AutoCloseable) () -> {
            throw new IOException("on purpose");
        });
        cleanup.close();
        assertEquals(List.of("first"), closed);
    }

    @Test
    void aProcessIsEnded() throws IOException {
        Cleanup cleanup = new Cleanup();
        Process process = cleanup.add(new ProcessBuilder("sleep", "600").start());
        cleanup.close();
        assertFalse(process.isAlive());
    }
}
