package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.Programs.Outcome;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** dm-multipath over two portals through two networks: one is cut under load and comes back, then both; no error is seen. */
final class GuestMultipathTest {
    private static final String VOLUME = "disk";
    private static final Duration FIO_LIMIT = Duration.ofMinutes(10);

    private static final String MULTIPATHD = """
            cat >/etc/multipath.conf <<EOF
            defaults {
                user_friendly_names yes
                find_multipaths no
                polling_interval 2
                max_polling_interval 2
                path_grouping_policy multibus
                no_path_retry queue
                fast_io_fail_tmo 3
            }
            EOF
            modprobe -a dm_multipath dm_round_robin dm_service_time scsi_dh_alua
            multipathd
            paths_are() {
                [ "$(multipath -ll mpatha | grep -c 'active ready')" = "$1" ]
            }
            """;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void aHostGoesOnWhenAPathIsCutAndWaitsWhenBothAre() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory);
        Portal left = Portal.of(files);
        Portal right = new Portal("127.0.3.1:" + files.port());
        files.fileStore()
                .server("portals = [\"" + left.address() + "\", \"" + right.address() + "\"]")
                .defaults("journal { capacity = 64 MiB, file-size = 4 MiB }", "read-cache.capacity = 64 MiB")
                .lun(VOLUME, "size = 256 MiB");
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            try (Guest guest = Guest.start(directory, "host")) {
                guest.must("multipathd", MULTIPATHD + "declare -f paths_are >/run/paths");
                String quick = "node.conn[0].timeo.noop_out_";
                guest.must(
                        "login through both portals",
                        left.discover(quick + "interval=2", quick + "timeout=2")
                                + left.login(VOLUME)
                                + right.login(VOLUME));
                awaitPaths(guest, 2);
                guest.must("the map", "multipath -ll");
                CompletableFuture<Outcome> working =
                        guest.begin(FIO_LIMIT, "verify_by_fio --filename=/dev/mapper/mpatha --size=160m --rate=4m");
                cutAndMend(guest);
                assertFalse(working.isDone(), "the work was over before the paths were back");
                working.get(FIO_LIMIT.toMillis(), TimeUnit.MILLISECONDS).expect(0);
                guest.must("remove the map, log out", "multipath -f mpatha; logout");
            }
            assertEquals(0, server.stop(), server.log());
        }
    }

    private static void cutAndMend(Guest guest) throws Exception {
        guest.connect(Guest.Network.RIGHT, false);
        awaitPaths(guest, 1);
        guest.connect(Guest.Network.RIGHT, true);
        awaitPaths(guest, 2);
        guest.connect(Guest.Network.LEFT, false);
        guest.connect(Guest.Network.RIGHT, false);
        awaitPaths(guest, 0);
        guest.connect(Guest.Network.LEFT, true);
        guest.connect(Guest.Network.RIGHT, true);
        awaitPaths(guest, 2);
    }

    private static void awaitPaths(Guest guest, int count) throws Exception {
        guest.must(count + " paths", ". /run/paths; until_true 100 paths_are " + count);
    }
}
