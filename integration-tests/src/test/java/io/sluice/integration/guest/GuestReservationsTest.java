package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.Programs.Outcome;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Two Linux hosts on one LUN: persistent reservations (SPC-4, 5.13) by {@code sg_persist}, as cluster managers use them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GuestReservationsTest {
    private static final String VOLUME = "shared";

    /** How sg_persist ends when the target answers RESERVATION CONFLICT. */
    private static final int CONFLICT = 24;

    private static final String WRITE_EXCLUSIVE = "-T 1";
    private static final String WRITE_EXCLUSIVE_REGISTRANTS_ONLY = "-T 5";
    private static final String EXCLUSIVE_ACCESS_REGISTRANTS_ONLY = "-T 6";
    private static final Duration WORK_LIMIT = Duration.ofMinutes(5);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private ConfigurationFiles files;

    @SuppressWarnings("NullAway.Init")
    private SluiceProcess server;

    @SuppressWarnings("NullAway.Init")
    private Guest alpha;

    @SuppressWarnings("NullAway.Init")
    private Guest beta;

    @SuppressWarnings("NullAway.Init")
    private String disk;

    @BeforeAll
    void start() throws Exception {
        files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("journal { capacity = 64 MiB, file-size = 4 MiB }", "read-cache.capacity = 64 MiB")
                .lun(VOLUME, "size = 128 MiB");
        server = SluiceProcess.startWithVolumes(files);
        List<Guest> guests = Guest.start(directory, List.of("alpha", "beta"));
        alpha = guests.get(0);
        beta = guests.get(1);
        Portal portal = Portal.of(files);
        for (Guest guest : guests) {
            guest.must("login", portal.discover("node.session.timeo.replacement_timeout=600") + portal.login(VOLUME));
        }
        disk = portal.disk("disk", VOLUME, 0);
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        try (SluiceProcess stopped = server;
                Guest first = alpha;
                Guest second = beta) {
            first.must("logout", "logout");
            second.must("logout", "logout");
            assertEquals(0, stopped.stop(), stopped.log());
        }
    }

    @BeforeEach
    void clear() throws Exception {
        assertEquals(0, reserve(alpha, "-I -S 0xc1"));
        assertEquals(0, reserve(alpha, "-C -K 0xc1"));
        assertEquals(0, read(alpha));
        assertEquals(0, read(beta));
    }

    @Test
    void aReservationKeepsTheOtherHostOut() throws Exception {
        assertEquals(0, reserve(alpha, "-G -S 0xa1"));
        assertEquals(0, reserve(beta, "-G -S 0xb1"));
        assertEquals(List.of("0xa1", "0xb1"), keys(beta));
        assertEquals(0, reserve(alpha, "-R -K 0xa1 " + WRITE_EXCLUSIVE));
        assertEquals("0xa1", holder(beta));
        assertEquals(CONFLICT, reserve(beta, "-R -K 0xb1 " + WRITE_EXCLUSIVE));
        assertEquals(0, write(alpha));
        assertNotEquals(0, write(beta));
        assertEquals(0, read(beta));

        assertEquals(0, reserve(beta, "-P -K 0xb1 -S 0xa1 " + WRITE_EXCLUSIVE), "PREEMPT");
        assertEquals(List.of("0xb1"), keys(alpha));
        assertNotEquals(0, write(alpha));
        assertEquals(0, write(beta));
        assertEquals(CONFLICT, reserve(alpha, "-L -K 0xa1 " + WRITE_EXCLUSIVE));
        assertEquals(0, reserve(beta, "-L -K 0xb1 " + WRITE_EXCLUSIVE), "RELEASE");
        assertEquals(0, write(alpha));

        assertEquals(0, reserve(beta, "-R -K 0xb1 " + EXCLUSIVE_ACCESS_REGISTRANTS_ONLY));
        assertNotEquals(0, read(alpha));
        assertEquals(0, reserve(alpha, "-I -S 0xa2"), "REGISTER AND IGNORE EXISTING KEY");
        assertEquals(0, read(alpha));
        assertEquals(0, write(alpha));
    }

    @Test
    void aFencedHostIsStoppedInTheMiddleOfItsWork() throws Exception {
        assertEquals(0, reserve(alpha, "-G -S 0xa1"));
        assertEquals(0, reserve(beta, "-G -S 0xb1"));
        assertEquals(0, reserve(alpha, "-R -K 0xa1 " + WRITE_EXCLUSIVE_REGISTRANTS_ONLY));
        CompletableFuture<Outcome> working = alpha.begin(WORK_LIMIT, disk + """
                        fio --name=work --filename=$disk --rw=randwrite --bs=4k --iodepth=16 --ioengine=libaio --direct=1 \\
                            --time_based --runtime=240 --size=64m --offset=16m
                        """);
        awaitWork(working);
        assertEquals(0, reserve(beta, "-A -K 0xb1 -S 0xa1 " + WRITE_EXCLUSIVE_REGISTRANTS_ONLY), "PREEMPT AND ABORT");
        beta.must("what the fenced host wrote last is on the disk for good", disk + """
                        blockdev --flushbufs $disk
                        first=$(dd if=$disk bs=1M skip=16 count=64 iflag=direct status=none | sha256sum)
                        sleep 2
                        second=$(dd if=$disk bs=1M skip=16 count=64 iflag=direct status=none | sha256sum)
                        [ "$first" = "$second" ]
                        """);
        Outcome fenced = working.get(WORK_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        assertNotEquals(0, fenced.exitStatus(), fenced::toString);
        assertEquals(List.of("0xb1"), keys(alpha));
        assertNotEquals(0, write(alpha));
        assertEquals(0, write(beta));
        alpha.must("its kernel tells why", "dmesg | grep -i 'reservation conflict'");
    }

    private void awaitWork(CompletableFuture<Outcome> working) throws Exception {
        String written = disk + "awk '{ print $7 }' /sys/block/${disk##*/}/stat";
        long before = Long.parseLong(alpha.must("sectors written", written));
        long endNanos = System.nanoTime() + Guest.LIMIT.toNanos();
        while (Long.parseLong(alpha.must("sectors written", written)) < before + 1000) {
            assertFalse(working.isDone(), "the work is over");
            if (System.nanoTime() > endNanos) {
                throw new AssertionError("the guest writes nothing");
            }
        }
    }

    @Test
    void reservationsOutliveTheServerAndTheirHost() throws Exception {
        assertEquals(0, reserve(alpha, "-G -S 0xa1 -Z"), "with APTPL");
        assertEquals(0, reserve(beta, "-G -S 0xb1 -Z"), "with APTPL");
        assertEquals(0, reserve(alpha, "-R -K 0xa1 " + WRITE_EXCLUSIVE));
        server.kill();
        server = SluiceProcess.start(files);
        for (Guest guest : List.of(alpha, beta)) {
            guest.must("logged in again", "until_true 120 sessions_are LOGGED_IN");
        }
        assertEquals(List.of("0xa1", "0xb1"), keys(beta));
        assertEquals("0xa1", holder(beta));
        assertEquals(0, write(alpha));
        assertNotEquals(0, write(beta));
        assertEquals(0, server.stop(), server.log());
        server = SluiceProcess.start(files);
        for (Guest guest : List.of(alpha, beta)) {
            guest.must("logged in again", "until_true 120 sessions_are LOGGED_IN");
        }
        assertEquals("0xa1", holder(beta));
        assertNotEquals(0, write(beta));
        assertEquals(0, reserve(beta, "-A -K 0xb1 -S 0xa1 " + WRITE_EXCLUSIVE), "PREEMPT AND ABORT");
        assertEquals(0, write(beta));
        assertNotEquals(0, write(alpha));
    }

    /** PERSISTENT RESERVE OUT; the exit status of sg_persist. */
    private int reserve(Guest guest, String arguments) throws Exception {
        return guest.status(
                "sg_persist " + arguments, disk + "settle $disk; sg_persist -n --out " + arguments + " $disk");
    }

    private int write(Guest guest) throws Exception {
        return guest.status("write", disk + "dd if=/dev/zero of=$disk bs=4k count=1 oflag=direct");
    }

    private int read(Guest guest) throws Exception {
        return guest.status("read", disk + "dd if=$disk of=/dev/null bs=4k count=1 iflag=direct");
    }

    /** Registered keys, sorted. */
    private List<String> keys(Guest guest) throws Exception {
        return guest.must("keys", disk + "settle $disk; sg_persist -n --in -k $disk | grep -o '0x[0-9a-f]*$'")
                .lines()
                .map(String::strip)
                .sorted()
                .toList();
    }

    /** The key under which the reservation is held. */
    private String holder(Guest guest) throws Exception {
        return guest.must(
                "holder",
                disk + "settle $disk; sg_persist -n --in -r $disk | sed -n 's/.*Key *= *\\(0x[0-9a-f]*\\).*/\\1/p'");
    }
}
