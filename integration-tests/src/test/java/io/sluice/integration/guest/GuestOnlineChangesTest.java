package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.Programs;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What {@code sluice reload} changes is seen by a Linux host that goes on working meanwhile. */
final class GuestOnlineChangesTest {
    private static final String TARGET = "disks";
    private static final long MIB = 1 << 20;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void aDiskGrowsUnderItsFileSystemAndAnotherComesAndGoes() throws Exception {
        String target = "target = \"" + ConfigurationFiles.target(TARGET) + "\"";
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("journal { capacity = 64 MiB, file-size = 4 MiB }", "read-cache.capacity = 64 MiB")
                .lun("first", target, "lun = 0", "size = 128 MiB");
        Portal portal = Portal.of(files);
        String first = portal.disk("disk", TARGET, 0);
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            try (Guest guest = Guest.start(directory, "host")) {
                guest.must(
                        "login, ext4",
                        portal.discover()
                                + portal.login(TARGET)
                                + first
                                + "mkfs.ext4 -q $disk; mount $disk /mnt\nverify_by_fio --filename=/mnt/file --size=32m");

                files.lun("first", target, "lun = 0", "size = 256 MiB").write();
                reload(files).expect(0);
                guest.must("is told", first + "touch /mnt/told; sync -f /mnt\nuntil_true 60 capacity_has_changed");
                assertEquals(
                        Long.toString(256 * MIB),
                        guest.must(
                                "sees the new size",
                                first + "echo 1 >/sys/block/${disk##*/}/device/rescan; blockdev --getsize64 $disk"));
                guest.must(
                        "grows the file system",
                        first + "resize2fs $disk\nverify_by_fio --filename=/mnt/more --size=128m");

                files.lun("first", target, "lun = 0", "size = 128 MiB").write();
                assertNotEquals(0, reload(files).exitStatus(), "shrinking is refused");
                files.lun("first", target, "lun = 0", "size = 256 MiB");

                files.lun("second", target, "lun = 1", "size = 64 MiB").write();
                SluiceProcess.sluice(files, "volume", "create", "--if-absent", "second")
                        .expect(0);
                reload(files).expect(0);
                guest.must(
                        "finds the new disk by itself, told by an asynchronous message",
                        portal.disk("disk", TARGET, 1) + "verify_by_fio --filename=$disk --size=16m");

                Files.delete(files.lunFile("second"));
                reload(files).expect(0);
                guest.must(
                        "the new disk is gone, the other works",
                        portal.disk("disk", TARGET, 1)
                                + "! dd if=$disk of=/dev/null bs=4k count=1 iflag=direct\n"
                                + first
                                + "umount /mnt; fsck.ext4 -f -n $disk\nlogout");
            }
            assertEquals(0, server.stop(), server.log());
        }
    }

    private static Programs.Outcome reload(ConfigurationFiles files) throws InterruptedException {
        return SluiceProcess.sluice(files, "reload");
    }
}
