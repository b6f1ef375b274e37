package io.sluice.integration;

import static io.sluice.integration.ReservationHost.APTPL;
import static io.sluice.integration.ReservationHost.CLEAR;
import static io.sluice.integration.ReservationHost.PREEMPT;
import static io.sluice.integration.ReservationHost.PREEMPT_AND_ABORT;
import static io.sluice.integration.ReservationHost.REGISTER;
import static io.sluice.integration.ReservationHost.REGISTER_AND_IGNORE;
import static io.sluice.integration.ReservationHost.REGISTRATIONS_PREEMPTED;
import static io.sluice.integration.ReservationHost.RELEASE;
import static io.sluice.integration.ReservationHost.RESERVE;
import static io.sluice.integration.ReservationHost.WRITE_EXCLUSIVE;
import static io.sluice.integration.ReservationHost.WRITE_EXCLUSIVE_ALL_REGISTRANTS;
import static io.sluice.integration.ReservationHost.WRITE_EXCLUSIVE_REGISTRANTS_ONLY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two hosts of a cluster on a real server with a real object store: fencing, and what of it survives what. */
final class ReservationDurabilityTest {
    private static final Logger log = LoggerFactory.getLogger(ReservationDurabilityTest.class);
    private static final String VOLUME = "shared";
    private static final long KEY_A = 0x1000_0000_0000_0001L;
    private static final long KEY_B = 0x1000_0000_0000_0002L;
    private static final long ISID_A = 0x1;
    private static final long ISID_B = 0x2;
    private static final int FENCED = 0x02040C;

    /** Hosts wait 30 seconds for a command. */
    private static final Duration REFUSAL_LIMIT = Duration.ofSeconds(20);

    private static final int TRIES_AFTER_OUTAGE = 4;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    private <T extends AutoCloseable> T closedLater(T one) {
        open.add(one);
        return one;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private static ConfigurationFiles files(Path directory, S3ProxyServer s3) throws Exception {
        return ConfigurationFiles.in(directory)
                .s3Store(s3.endpoint(), "disks")
                .defaults("journal { capacity = 48 MiB, file-size = 4 MiB }", "read-cache.capacity = 16 MiB")
                .lun(VOLUME, "size = 64 MiB");
    }

    private S3ProxyServer store() throws Exception {
        S3ProxyServer s3 = closedLater(S3ProxyServer.start(directory));
        s3.createBucket("disks");
        return s3;
    }

    private ReservationHost host(ConfigurationFiles files, long isid) throws Exception {
        return closedLater(new ReservationHost(files, VOLUME, isid));
    }

    @Test
    void reservationsSurviveKillLossOfTheCacheAndTheMoveToAnotherGateway() throws Exception {
        S3ProxyServer s3 = store();
        ConfigurationFiles files = files(directory.resolve("one"), s3);
        SluiceProcess server = closedLater(SluiceProcess.startWithVolumes(files));
        ReservationHost a = host(files, ISID_A);
        ReservationHost b = host(files, ISID_B);
        a.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_A, APTPL);
        b.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_B, APTPL);
        long startNanos = System.nanoTime();
        a.outGood(RESERVE, WRITE_EXCLUSIVE, KEY_A, 0, 0);
        log.info(
                "RESERVE took {} ms",
                Duration.ofNanos(System.nanoTime() - startNanos).toMillis());
        a.writesGood(1);
        server.kill();
        server = closedLater(SluiceProcess.start(files));
        holdsAfterRestart(files);
        server.kill();
        Trees.delete(files.cacheDirectory(VOLUME));
        closedLater(SluiceProcess.start(files));
        holdsAfterRestart(files);

        // The other gateway takes the volume while the first one still believes that it has it.
        ReservationHost stale = host(files, ISID_A);
        ConfigurationFiles others = files(directory.resolve("two"), s3);
        others.write();
        closedLater(SluiceProcess.start(others));
        holdsAfterRestart(others);
        ScsiHost.Completion refused = stale.out(CLEAR, 0, KEY_A, 0, 0);
        assertEquals(ScsiHost.CHECK_CONDITION, refused.status(), refused::toString);
        assertEquals(FENCED, refused.senseCode());
        holdsAfterRestart(others);
    }

    private void holdsAfterRestart(ConfigurationFiles files) throws Exception {
        ReservationHost a = host(files, ISID_A);
        ReservationHost b = host(files, ISID_B);
        assertEquals(List.of(KEY_A, KEY_B), b.keys());
        assertEquals(KEY_A + "/1", b.reservation());
        assertEquals(0x1DD1, b.capabilities());
        b.isShutOut();
        a.writesGood(2);
        assertEquals(2, b.reads());
        a.close();
        b.close();
    }

    @Test
    void anOutageOfTheStoreEndsInBusyAndLeavesTheReservationsOfBefore() throws Exception {
        S3ProxyServer s3 = store();
        ConfigurationFiles files = files(directory.resolve("one"), s3);
        SluiceProcess server = closedLater(SluiceProcess.startWithVolumes(files));
        ReservationHost a = host(files, ISID_A);
        ReservationHost b = host(files, ISID_B);
        a.outGood(REGISTER, 0, 0, KEY_A, APTPL);
        a.outGood(RESERVE, WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY_A, 0, 0);
        s3.stop();
        long startNanos = System.nanoTime();
        ScsiHost.Completion refused = b.out(REGISTER, 0, 0, KEY_B, APTPL);
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
        log.info("refused after {} ms", took.toMillis());
        assertEquals(ScsiHost.BUSY, refused.status(), refused::toString);
        assertTrue(took.compareTo(REFUSAL_LIMIT) < 0, took::toString);
        assertEquals(List.of(KEY_A), b.keys());
        b.isShutOut();
        a.writesGood(3);
        s3.start();
        int status = ScsiHost.BUSY;
        for (int i = 0; i < TRIES_AFTER_OUTAGE && status == ScsiHost.BUSY; i++) {
            status = b.out(REGISTER, 0, 0, KEY_B, APTPL).status();
        }
        assertEquals(0, status);
        b.writesGood(4);
        server.kill();
        closedLater(SluiceProcess.start(files));
        ReservationHost again = host(files, ISID_B);
        assertEquals(List.of(KEY_A, KEY_B), again.keys());
        again.writesGood(5);
    }

    @Test
    void withoutAptplNothingSurvivesAndFencingWorksAsClustersDoIt() throws Exception {
        S3ProxyServer s3 = store();
        ConfigurationFiles files = files(directory.resolve("one"), s3);
        SluiceProcess server = closedLater(SluiceProcess.startWithVolumes(files));
        ReservationHost a = host(files, ISID_A);
        ReservationHost b = host(files, ISID_B);
        sharesAndFencesLikeLvmpersist(a, b);
        fencesLikeFenceScsi(a, b);
        validatesLikeWindows(a, b);
        a.outGood(REGISTER, 0, 0, KEY_A, 0);
        a.outGood(RESERVE, WRITE_EXCLUSIVE, KEY_A, 0, 0);
        b.isShutOut();
        assertEquals(0, server.stop(), server.log());
        closedLater(SluiceProcess.start(files));
        ReservationHost stranger = host(files, ISID_B);
        assertEquals(List.of(), stranger.keys());
        assertEquals(0, stranger.generation());
        stranger.writesGood(6);
    }

    /** Shared volume group: type 7; a failed host's key is taken away by another; the last one leaves. */
    private static void sharesAndFencesLikeLvmpersist(ReservationHost a, ReservationHost b) throws Exception {
        assertEquals(0x1DD0, a.capabilities());
        a.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_A, APTPL);
        a.outGood(RESERVE, WRITE_EXCLUSIVE_ALL_REGISTRANTS, KEY_A, 0, 0);
        b.isShutOut();
        b.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_B, APTPL);
        b.writesGood(10);
        assertEquals(10, a.reads());
        assertEquals("0/7", b.reservation());
        a.outGood(PREEMPT_AND_ABORT, WRITE_EXCLUSIVE_ALL_REGISTRANTS, KEY_A, KEY_B, 0);
        b.isTold(REGISTRATIONS_PREEMPTED);
        b.isShutOut();
        assertEquals(List.of(KEY_A), b.keys());
        a.writesGood(11);
        a.outGood(REGISTER, 0, KEY_A, 0, APTPL);
        assertEquals("none", a.reservation());
        b.writesGood(12);
    }

    /** Pacemaker: both register, one reserves with type 5, the survivor preempts. */
    private static void fencesLikeFenceScsi(ReservationHost a, ReservationHost b) throws Exception {
        a.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_A, APTPL);
        b.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_B, APTPL);
        a.outGood(RESERVE, WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY_A, 0, 0);
        assertEquals(
                ScsiHost.RESERVATION_CONFLICT,
                b.out(RESERVE, WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY_B, 0, 0).status());
        b.outGood(PREEMPT_AND_ABORT, WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY_B, KEY_A, 0);
        a.isTold(REGISTRATIONS_PREEMPTED);
        a.isShutOut();
        assertEquals(KEY_B + "/5", a.reservation());
        b.outGood(CLEAR, 0, KEY_B, 0, 0);
        a.writesGood(13);
    }

    /** Cluster validation (MS-CSVP 3.2.4), from each node: what was reserved is seen from every node at once. */
    private static void validatesLikeWindows(ReservationHost a, ReservationHost b) throws Exception {
        int type = WRITE_EXCLUSIVE_REGISTRANTS_ONLY;
        for (ReservationHost node : List.of(a, b)) {
            ReservationHost other = node == a ? b : a;
            node.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_A, 0);
            node.outGood(RESERVE, type, KEY_A, 0, 0);
            assertEquals(KEY_A + "/5", node.reservation());
            assertEquals(KEY_A + "/5", other.reservation());
            assertEquals(List.of(KEY_A), other.keys());
            node.outGood(RELEASE, type, KEY_A, 0, 0);
            assertEquals("none", other.reservation());
            node.outGood(RESERVE, type, KEY_A, 0, 0);
            other.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_B, 0);
            other.outGood(PREEMPT, type, KEY_B, KEY_A, 0);
            node.isTold(REGISTRATIONS_PREEMPTED);
            assertEquals(KEY_B + "/5", node.reservation());
            node.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_A, 0);
            other.outGood(CLEAR, 0, KEY_B, 0, 0);
            node.isTold(0x062A03);
            other.outGood(REGISTER_AND_IGNORE, 0, 0, KEY_B, 0);
            other.outGood(REGISTER_AND_IGNORE, 0, 0, 0, 0);
            assertEquals(List.of(), node.keys());
        }
    }
}
