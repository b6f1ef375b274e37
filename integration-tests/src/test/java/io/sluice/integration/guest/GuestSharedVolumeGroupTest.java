package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A volume group that two Linux hosts share by lvmlockd and sanlock, whose leases lie on the LUN. The host that loses its
 * network is reset by its watchdog before the other may take over.
 */
final class GuestSharedVolumeGroupTest {
    private static final String VOLUME = "shared";

    /** Sanlock's watchdog fires after 60 s, the lease is over after some more. */
    private static final Duration FENCING_LIMIT = Duration.ofMinutes(6);

    /** What the daemons have to say about it. */
    private static final String TELL = """
            tell() {
                lvmlockctl --dump | tail -40
                sanlock client log_dump | tail -20
            }
            """;

    private static final String DAEMONS = """
            modprobe softdog
            mkdir -p /run/wdmd /run/sanlock
            sed -i -E 's/^([[:space:]]*)#?[[:space:]]*use_lvmlockd *=.*/\\1use_lvmlockd = 1/' /etc/lvm/lvm.conf
            wdmd
            until_true 30 pidof wdmd
            sanlock daemon -U root -G root -w 1
            until_true 30 sanlock client status
            lvmlockd -g sanlock -o 2
            until_true 30 test -S /run/lvm/lvmlockd.socket
            """;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void theOtherHostTakesOverWhenOneIsCutOff() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("journal { capacity = 64 MiB, file-size = 4 MiB }", "read-cache.capacity = 64 MiB")
                .lun(VOLUME, "size = 2 GiB");
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            List<Guest> guests = Guest.start(directory, List.of("alpha", "beta"));
            try (Guest alpha = guests.get(0);
                    Guest beta = guests.get(1)) {
                join(files, guests);
                shareOneVolume(alpha, beta);
                alpha.connect(Guest.Network.LEFT, false);
                alpha.awaitEnd(FENCING_LIMIT);
                takeOver(beta);
            }
            assertEquals(0, server.stop(), server.log());
        }
    }

    private static void join(ConfigurationFiles files, List<Guest> guests) throws Exception {
        Portal portal = Portal.of(files);
        int host = 0;
        for (Guest guest : guests) {
            host++;
            guest.must("login", portal.discover() + portal.login(VOLUME));
            guest.must(
                    "sanlock, lvmlockd",
                    "printf 'local {\\n host_id = " + host + "\\n}\\n' >/etc/lvm/lvmlocal.conf\n" + DAEMONS);
        }
        String disk = portal.disk("disk", VOLUME, 0);
        Duration limit = Duration.ofMinutes(4);
        guests.get(0)
                .must(
                        "shared volume group",
                        limit,
                        TELL + disk + "vgcreate -qq --shared group $disk || { tell; false; }");
        for (Guest guest : guests) {
            // More than once: with "-o 2" sanlock gives up an I/O after 2 s, which a busy machine may take.
            guest.must("lock space", limit, TELL + "until_true 120 vgchange --lockstart group || { tell; false; }");
        }
    }

    private static void shareOneVolume(Guest alpha, Guest beta) throws Exception {
        alpha.must("logical volume, exclusive", """
                lvcreate -qq -an -L 32M -n volume group
                lvchange -aey group/volume
                mkfs.ext4 -q /dev/group/volume
                mount /dev/group/volume /mnt
                echo written by alpha >/mnt/file
                sync
                """);
        assertNotEquals(0, beta.status("is refused", "lvchange -aey group/volume"));
        beta.must("sees it", "[ \"$(lvs --noheadings -o lv_name group | tr -d ' ')\" = volume ]");
    }

    private static void takeOver(Guest beta) throws Exception {
        beta.must("takes over", FENCING_LIMIT, "until_true 300 lvchange -aey group/volume");
        assertEquals("written by alpha", beta.must("finds everything", """
                        fsck.ext4 -p /dev/group/volume >/dev/null || [ $? = 1 ]
                        mount /dev/group/volume /mnt
                        cat /mnt/file
                        umount /mnt
                        """));
    }
}
