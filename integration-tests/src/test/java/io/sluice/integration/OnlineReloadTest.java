package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The distribution reads its files again, by SIGHUP and by command, while a host works on another LUN. */
final class OnlineReloadTest {
    private static final Logger log = LoggerFactory.getLogger(OnlineReloadTest.class);
    private static final int BLOCKS = 4096;
    private static final int SECTOR_BYTES = 512;
    private static final int CAPACITY_CHANGED = 0x062A09;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final long seed = Long.getLong("sluice.test.seed", 20261121);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    private static ScsiHost host(ConfigurationFiles files, String volume) throws Exception {
        return new ScsiHost(files.port(), ConfigurationFiles.target(volume), 0, SECTOR_BYTES, 1);
    }

    @Test
    void lunsComeGrowAndGoBesideABusyHost() throws Exception {
        log.info("seed {} (-Dsluice.test.seed)", seed);
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .lun("busy", "size = 16 MiB")
                .lun("other", "size = 16 MiB");
        DiskHistory history = new DiskHistory("busy", BLOCKS);
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files);
                ScsiHost busyHost = host(files, "busy");
                ScsiHost other = host(files, "other")) {
            BusyHost busy = new BusyHost(busyHost, history, seed, false, false);
            Future<Long> working = threads.submit(busy);
            changeOnline(files, server, other);
            assertFalse(working.isDone(), "the busy host was disturbed");
            busy.stop();
            log.info("{} answers beside the reloads", working.get(60, TimeUnit.SECONDS));
            history.recovered(BusyHost.readAll(busyHost, BLOCKS), true);
            assertEquals(0, server.stop(), server.log());
        }
    }

    private static void changeOnline(ConfigurationFiles files, SluiceProcess server, ScsiHost other) throws Exception {
        files.lun("other", "size = 48 MiB").lun("third", "size = 8 MiB").write();
        SluiceProcess.sluice(files, "volume", "create", "third").expect(0);
        String told = server.hangUp();
        assertTrue(told.contains("grown from 16 MiB to 48 MiB") && told.contains("(volume third): added"), told);
        assertTrue(told.contains("reload: APPLIED"), told);
        assertEquals(CAPACITY_CHANGED, other.readNow(0, 1).senseCode());
        int last = 48 * 256 - 1;
        assertEquals(0, other.writeNow(last, new byte[ScsiHost.BLOCK_BYTES]).status());
        assertEquals(0, other.readNow(last, 1).status());
        Programs.Outcome third = Programs.run(
                        Programs.SHORT, "qemu-img", "info", "-f", "raw", "--output=json", files.url("third"))
                .expect(0);
        assertTrue(third.out().contains("\"virtual-size\": " + (8 << 20)), third.toString());

        Files.writeString(files.lunFile("other"), "durability = sometimes\n", java.nio.file.StandardOpenOption.APPEND);
        told = server.hangUp();
        assertTrue(told.contains("nothing was changed: luns.d/other.conf:4: durability"), told);
        assertTrue(told.contains("reload: MISTAKES"), told);
        assertEquals(0, other.readNow(last, 1).status());

        files.write();
        Files.delete(files.lunFile("third"));
        Programs.Outcome reload = SluiceProcess.sluice(files, "reload").expect(0);
        assertTrue(reload.out().contains("target removed"), reload.toString());
        Programs.run(Programs.SHORT, "qemu-img", "info", "-f", "raw", files.url("third"))
                .expect(1);
        Programs.Outcome drained = SluiceProcess.sluice(files, "drain", "other").expect(0);
        assertTrue(drained.out().contains("sequence "), drained.toString());
    }
}
