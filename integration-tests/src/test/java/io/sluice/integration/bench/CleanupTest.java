package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    void whatAProcessHasStartedGoesWithIt() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "sleep 600 & echo; wait").start();
        process.getInputStream().read();
        List<ProcessHandle> started = process.descendants().toList();
        assertEquals(1, started.size());
        Cleanup.end(process);
        started.get(0).onExit().get(1, TimeUnit.MINUTES);
        assertFalse(process.isAlive());
    }

    @Test
    void aProcessIsEnded() throws IOException {
        Cleanup cleanup = new Cleanup();
        Process process = cleanup.add(new ProcessBuilder("sleep", "600").start());
        cleanup.close();
        assertFalse(process.isAlive());
    }
}
