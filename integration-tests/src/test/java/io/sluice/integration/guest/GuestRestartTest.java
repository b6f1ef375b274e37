package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.LunStatus;
import io.sluice.integration.Programs.Outcome;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server is killed, and later stopped, under a file system in use: the host waits, goes on, and has seen no error. */
final class GuestRestartTest {
    private static final String VOLUME = "disk";
    private static final long MIB = 1 << 20;
    private static final Duration PROGRESS_LIMIT = Duration.ofMinutes(5);
    private static final Duration FIO_LIMIT = Duration.ofMinutes(10);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private SluiceProcess server;

    @AfterEach
    void endServer() {
        server.close();
    }

    @Test
    void aHostSeesNoErrorWhenTheServerIsKilledAndWhenItIsStopped() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults(
                        "journal { capacity = 64 MiB, file-size = 4 MiB }",
                        "read-cache.capacity = 64 MiB",
                        "flush { max-age = 300 ms, segment-size = 4 MiB }")
                .lun(VOLUME, "size = 512 MiB");
        server = SluiceProcess.startWithVolumes(files);
        Portal portal = Portal.of(files);
        try (Guest guest = Guest.start(directory, "host")) {
            String disk = portal.disk("disk", VOLUME, 0);
            guest.must(
                    "login, ext4",
                    portal.discover("node.session.timeo.replacement_timeout=600")
                            + portal.login(VOLUME)
                            + disk
                            + "mkfs.ext4 -q $disk; mount $disk /mnt");
            CompletableFuture<Outcome> working =
                    guest.begin(FIO_LIMIT, "verify_by_fio --filename=/mnt/file --size=160m --rate=6m");

            awaitWritten(24 * MIB, working);
            server.kill();
            server = SluiceProcess.start(files);
            guest.must("logged in again after the kill", "until_true 120 sessions_are LOGGED_IN");

            awaitWritten(16 * MIB, working);
            assertEquals(0, server.stop(), server.log());
            server = SluiceProcess.start(files);
            guest.must("logged in again after the stop", "until_true 120 sessions_are LOGGED_IN");

            assertFalse(working.isDone(), "the work was over before the restart was");
            working.get(FIO_LIMIT.toMillis(), TimeUnit.MILLISECONDS).expect(0);
            guest.must(
                    "no error, a clean file system",
                    disk + "kernel_is_content\numount /mnt\nfsck.ext4 -f -n $disk\nlogout");
        }
        assertEquals(0, server.stop(), server.log());
    }

    /** Of the work, through the server as it runs now. */
    private void awaitWritten(long bytes, CompletableFuture<Outcome> working) throws InterruptedException {
        long endNanos = System.nanoTime() + PROGRESS_LIMIT.toNanos();
        while (LunStatus.of(server, VOLUME).number("bytesWritten") < bytes) {
            assertFalse(working.isDone(), "the work is over");
            assertTrue(System.nanoTime() < endNanos, "the guest writes nothing");
            Thread.sleep(100);
        }
    }
}
