package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.WorkDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What goes wrong in a guest is told, so that the other tests can be believed. */
final class GuestTest {
    private static final Duration SHORT = Duration.ofSeconds(5);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void tellsHowAScriptEndsAndWhatGoesWrong() throws Exception {
        try (Guest guest = Guest.start(directory, "host")) {
            tellsHowAScriptEnds(guest);
            tellsWhatGoesWrong(guest);
        }
    }

    private static void tellsHowAScriptEnds(Guest guest) throws Exception {
        assertEquals("one\ntwo", guest.must("both outputs", "echo one; printf two >&2"));
        assertEquals(
                1 << 20,
                guest.must("a long output", "head -c 1048576 /dev/zero | tr '\\0' x")
                        .length());
        assertEquals(3, guest.status("exit status", "exit 3"));
        assertEquals(1, guest.status("stops at the first failure", "false\nexit 0"));
    }

    private static void tellsWhatGoesWrong(Guest guest) throws Exception {
        assertEquals(0, guest.status("content kernel", "kernel_is_content"));
        assertNotEquals(
                0,
                guest.status(
                        "kernel with an error", "echo 'I/O error, dev sda, sector 0' >/dev/kmsg; kernel_is_content"));
        AssertionError failed = assertThrows(AssertionError.class, () -> guest.must("it", "echo words; false"));
        assertTrue(String.valueOf(failed.getMessage()).contains("words"), failed::getMessage);
        assertThrows(AssertionError.class, () -> guest.run(SHORT, "sleep 60"));
    }

    @Test
    void ofAGuestThatHasGoneAwayNothingIsBelieved() throws Exception {
        try (Guest guest = Guest.start(directory, "host")) {
            assertThrows(IOException.class, () -> guest.must("panic", "echo c >/proc/sysrq-trigger; sleep 60"));
            guest.awaitEnd(Guest.LIMIT);
            assertFalse(guest.isRunning());
            assertThrows(IOException.class, () -> guest.must("after its end", "true"));
        }
    }
}
