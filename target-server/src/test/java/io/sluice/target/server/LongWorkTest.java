package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LongWorkTest {
    @Test
    void tellsWhileWorkGoesOnAndStopsWhenItIsDone() throws InterruptedException {
        CompletableFuture<Void> work = new CompletableFuture<>();
        int[] told = new int[1];
        LongWork.await(work, Duration.ofMillis(2), () -> {
            if (++told[0] == 3) {
                work.complete(null);
            }
        });
        assertEquals(3, told[0]);
    }

    @Test
    void failedWorkIsOverWithoutAWord() throws InterruptedException {
        CompletableFuture<Void> work = CompletableFuture.failedFuture(new IOException("x"));
        LongWork.await(work, Duration.ofMillis(1), () -> {
            throw new AssertionError("told");
        });
        assertTrue(work.isCompletedExceptionally());
    }
}
