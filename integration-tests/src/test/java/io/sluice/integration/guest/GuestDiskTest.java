package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.LunStatus;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * One Linux host with the disks of one target: login with and without digests, ext4 and XFS with verified data, space that is
 * given back, logical volumes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GuestDiskTest {
    private static final String TARGET = "disks";
    private static final long MIB = 1 << 20;
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);

    /** What file systems write beside the data of a file. */
    private static final long METADATA_BYTES_MAX = 16 * MIB;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private ConfigurationFiles files;

    @SuppressWarnings("NullAway.Init")
    private SluiceProcess server;

    @SuppressWarnings("NullAway.Init")
    private Guest guest;

    @SuppressWarnings("NullAway.Init")
    private Portal portal;

    @BeforeAll
    void start() throws Exception {
        String target = "target = \"" + ConfigurationFiles.target(TARGET) + "\"";
        files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults(
                        "journal { capacity = 64 MiB, file-size = 4 MiB }",
                        "read-cache.capacity = 64 MiB",
                        "flush { max-age = 300 ms, segment-size = 4 MiB }",
                        "checkpoint.interval = 1 s")
                .lun("main", target, "lun = 0", "size = 1 GiB")
                .lun("first", target, "lun = 1", "size = 256 MiB")
                .lun("second", target, "lun = 2", "size = 256 MiB")
                .lun("native", target, "lun = 3", "size = 128 MiB", "block-size = 4096");
        server = SluiceProcess.startWithVolumes(files);
        portal = Portal.of(files);
        guest = Guest.start(directory, "host");
        loginWithDigests();
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        try (SluiceProcess stopped = server;
                Guest ended = guest) {
            ended.must("nothing is wrong", "kernel_is_content\nlogout");
            assertEquals(0, stopped.stop(), stopped.log());
        }
    }

    private void loginWithDigests() throws Exception {
        guest.must(
                "discovery, login",
                portal.discover("node.conn[0].iscsi.HeaderDigest=CRC32C", "node.conn[0].iscsi.DataDigest=CRC32C")
                        + portal.login(TARGET));
    }

    /** One that failed may have left it mounted. */
    @BeforeEach
    void unmount() throws Exception {
        guest.status("nothing is mounted", "umount --quiet /mnt");
    }

    @Test
    void logsInWithAndWithoutDigests() throws Exception {
        String digests = "echo $(cat /sys/class/iscsi_connection/connection*/{header,data}_digest)";
        String disks = portal.disk("main", TARGET, 0)
                + portal.disk("native", TARGET, 3)
                + "echo $(blockdev --getsize64 $main $native) $(blockdev --getss $main $native)";
        String seen = 1024 * MIB + " " + 128 * MIB + " 512 4096";

        assertEquals("1 1", guest.must("digests", digests));
        assertEquals(seen, guest.must("disks", disks));
        guest.must("logout", "logout");

        guest.must("discovery", portal.discover());
        assertEquals(seen, guest.must("login without digests", portal.login(TARGET) + disks));
        assertEquals("0 0", guest.must("digests", digests));
        guest.must("logout", "logout");
        loginWithDigests();
    }

    @Test
    void ext4HoldsItsDataAndGivesBackItsSpace() throws Exception {
        holdsItsDataAndGivesBackItsSpace("mkfs.ext4 -q -F", "fsck.ext4 -f -n");
    }

    @Test
    void xfsHoldsItsDataAndGivesBackItsSpace() throws Exception {
        holdsItsDataAndGivesBackItsSpace("mkfs.xfs -q -f", "xfs_repair -n");
    }

    private void holdsItsDataAndGivesBackItsSpace(String make, String check) throws Exception {
        String disk =
                portal.disk("disk", TARGET, 0) + "make() { " + make + " $disk; }\ncheck() { " + check + " $disk; }\n";
        guest.must("make a file system", disk + "make; mount $disk /mnt");
        long fresh = mappedWhen("main", mapped -> true);
        guest.must("write and verify 64 MiB", "verify_by_fio --filename=/mnt/verified --size=64m");
        guest.must(
                "write 64 MiB",
                "dd if=/dev/urandom of=/mnt/file bs=1M count=64 conv=fsync status=none; sha256sum /mnt/file >/run/sum");
        guest.must("check, read it back", disk + """
                        umount /mnt
                        check
                        blockdev --flushbufs $disk
                        mount $disk /mnt
                        sha256sum --check --status /run/sum
                        """);
        mappedWhen("main", mapped -> mapped >= fresh + 64 * MIB);
        guest.must("delete and trim", "rm /mnt/file /mnt/verified; sync -f /mnt; fstrim /mnt");
        mappedWhen("main", mapped -> mapped <= fresh + METADATA_BYTES_MAX);
        guest.must("check again", disk + "umount /mnt; check");
        guest.must("discard the disk", disk + "blkdiscard $disk");
        mappedWhen("main", mapped -> mapped == 0);
        guest.must("reads zeros", disk + "cmp --bytes=" + 64 * MIB + " $disk /dev/zero");
    }

    /** The space that the volume takes in the bucket, as soon as it is as it should be. */
    private long mappedWhen(String volume, LongPredicate condition) throws InterruptedException {
        long endNanos = System.nanoTime() + DRAIN_LIMIT.toNanos();
        while (true) {
            LunStatus status = LunStatus.awaitDrained(server, volume, DRAIN_LIMIT);
            long mapped = status.number("mappedBytes");
            if (condition.test(mapped)) {
                return mapped;
            }
            assertTrue(System.nanoTime() < endNanos, () -> "mappedBytes is not as it should be: " + status);
            Thread.sleep(200);
        }
    }

    @Test
    void logicalVolumesMoveBetweenDisksAndHaveSnapshots() throws Exception {
        String disks = portal.disk("first", TARGET, 1) + portal.disk("second", TARGET, 2);
        guest.must("volume group on two disks", disks + "vgcreate -qq group $first $second");
        guest.must("logical volume with data", disks + """
                        lvcreate -qq -L 96M -n volume group $first
                        mkfs.ext4 -q /dev/group/volume
                        mount /dev/group/volume /mnt
                        verify_by_fio --filename=/mnt/verified --size=32m
                        sha256sum /mnt/verified >/run/sum
                        """);
        guest.must("move it to the other disk while it is used", Duration.ofMinutes(4), disks + """
                        verify_by_fio --filename=/mnt/other --size=32m &
                        pvmove -qq -i 1 $first $second
                        wait $!
                        [ "$(pvs --noheadings -o pv_used --units b --nosuffix $first | tr -d ' ')" = 0 ]
                        """);
        guest.must("a snapshot keeps what the origin loses", """
                sync -f /mnt
                lvcreate -qq -s -L 48M -n before group/volume
                rm /mnt/verified
                dd if=/dev/urandom of=/mnt/other bs=1M count=32 conv=fsync status=none
                mkdir -p /run/snapshot
                mount -o ro /dev/group/before /run/snapshot
                sed s,/mnt,/run/snapshot, /run/sum | sha256sum --check --status
                umount /run/snapshot
                umount /mnt
                fsck.ext4 -f -n /dev/group/volume
                lvremove -qq -f group/before
                """);
        guest.must("thin pool", """
                lvcreate -qq -T -L 96M -V 256M -n thin group/pool
                mkfs.ext4 -q /dev/group/thin
                mount /dev/group/thin /mnt
                verify_by_fio --filename=/mnt/verified --size=32m
                lvcreate -qq -s -n copy group/thin
                umount /mnt
                fsck.ext4 -f -n /dev/group/thin
                """);
        guest.must("remove all", disks + "vgremove -qq -f group; pvremove -qq $first $second");
    }

    @Test
    void aDiskWith4096ByteBlocksHoldsItsData() throws Exception {
        guest.must("ext4 on blocks of 4096 bytes", portal.disk("disk", TARGET, 3) + """
                        mkfs.ext4 -q $disk
                        mount $disk /mnt
                        verify_by_fio --filename=/mnt/verified --size=32m
                        umount /mnt
                        fsck.ext4 -f -n $disk
                        """);
    }
}
