package io.sluice.target.fuzz;

import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.WirePdu;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What has to be as before when the attackers are gone: sessions, nexuses, connections, memory of commands, tasks, ranges,
 * threads, sockets; and the bound on memory.
 */
final class Surroundings {
    private static final int WAIT_SECONDS = 8;
    private static final int OTHER_FILES_MAX = 16;
    private static final int OTHER_THREADS_MAX = 6;
    /** Data buffers kept for use (64 MiB), receive blocks of 96 connections, free blocks and header slots. */
    private static final long DIRECT_BYTES_MAX = (64L + 96 + 32 + 64) << 20;

    private static final long HEAP_BYTES_MAX = 400L << 20;
    private static final int ORDERED = 2;
    private static final int RANGE_BLOCKS = 128;

    private final FuzzServer server;
    private final int witnesses;
    private final long sockets;
    private final long files;
    private final int threads;

    /** Notes how things are. */
    Surroundings(FuzzServer server, int witnesses) throws IOException {
        this.server = server;
        this.witnesses = witnesses;
        this.sockets = openFiles(true);
        this.files = openFiles(false);
        this.threads = ManagementFactory.getThreadMXBean().getThreadCount();
    }

    /** What is not as before, after some time to settle. The witnesses must be resting. */
    Optional<String> complaint() {
        return await("sessions", () -> server.server().sessions().size() == witnesses)
                .or(() -> await("connections", () -> server.server().connections() == witnesses))
                .or(() -> await("nexuses", () -> server.openNexuses() == witnesses))
                .or(() -> await("bytes of commands", () -> server.server().dataBytesInUse() == 0))
                .or(() -> await("sockets", () -> openFiles(true) <= sockets))
                .or(() -> await("files", () -> openFiles(false) <= files + OTHER_FILES_MAX))
                .or(() -> await(
                        "threads",
                        () -> ManagementFactory.getThreadMXBean().getThreadCount() <= threads + OTHER_THREADS_MAX))
                .or(this::memoryComplaint)
                .or(this::unitComplaint);
    }

    /** Direct memory now, in bytes. */
    static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** Heap in use now, in bytes, garbage included. */
    static long heapBytes() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private Optional<String> memoryComplaint() {
        long direct = directBytes();
        if (direct > DIRECT_BYTES_MAX) {
            return Optional.of("direct memory is out of bounds: " + direct);
        }
        if (heapBytes() > HEAP_BYTES_MAX) {
            System.gc();
            return heapBytes() > HEAP_BYTES_MAX ? Optional.of("heap out of bounds: " + heapBytes()) : Optional.empty();
        }
        return Optional.empty();
    }

    /**
     * A new session is served at each unit: clears reservations and resets, then an ORDERED command and one that needs all
     * blocks for itself, which end only when nothing else is left.
     */
    private Optional<String> unitComplaint() {
        for (int lun = 0; lun < 3; lun++) {
            try (TestInitiator host = new TestInitiator(server.address()).isid(0x7777)) {
                TextKeys names = TextKeys.of(
                        "InitiatorName", GuardedTarget.WITNESS + "janitor", "TargetName", FuzzServer.ATTACKED);
                WirePdu login = host.exchange(host.loginRequest(0x87, names));
                if (login.loginStatus() != 0) {
                    return Optional.of("a new login is refused: " + Integer.toHexString(login.loginStatus()));
                }
                Optional<String> complaint = putInOrder(host, lun);
                if (complaint.isPresent()) {
                    return complaint;
                }
                host.exchange(host.logout(0));
            } catch (IOException e) {
                return Optional.of("LUN " + lun + " does not serve a new session: " + e);
            }
        }
        return await("sessions after the check", () -> server.server().connections() == witnesses);
    }

    private static Optional<String> putInOrder(TestInitiator host, int lun) throws IOException {
        byte[] key = new byte[24];
        ByteBuffer.wrap(key).putLong(8, 0x7777);
        byte[] known = new byte[24];
        ByteBuffer.wrap(known).putLong(0, 0x7777);
        if (lun != GuardedTarget.WITNESS_LUN) {
            host.exchange(host.manage(5, 0, 0).putShort(8, lun));
            for (int i = 0; i < 4; i++) {
                host.exchange(host.command(0x81, 0, new byte[6]).putShort(8, lun));
            }
            reserve(host, lun, 6, key);
            reserve(host, lun, 3, known);
        }
        for (int i = 0; i < 4; i++) {
            host.exchange(host.command(0x81, 0, new byte[6]).putShort(8, lun));
        }
        WirePdu ordered =
                host.exchange(host.command(0x80 | ORDERED, 0, new byte[6]).putShort(8, lun));
        if (ordered.status() != 0) {
            return Optional.of("LUN " + lun + " is not ready: " + ordered);
        }
        return lun == GuardedTarget.WITNESS_LUN ? Optional.empty() : takeAllBlocks(host, lun);
    }

    /** ORWRITE of zeros changes nothing, but each needs its range for itself. */
    private static Optional<String> takeAllBlocks(TestInitiator host, int lun) throws IOException {
        for (int block = 0; block < GuardedTarget.ATTACKED_BLOCKS; block += RANGE_BLOCKS) {
            byte[] cdb = new byte[16];
            cdb[0] = (byte) 0x8b;
            ByteBuffer.wrap(cdb).putLong(2, block).putInt(10, RANGE_BLOCKS);
            byte[] zeros = new byte[RANGE_BLOCKS * 512];
            WirePdu answer = host.exchange(
                    host.command(0xa1, zeros.length, cdb).putShort(8, lun).data(zeros));
            if (answer.opcode() != 0x21 || answer.status() != 0) {
                return Optional.of(
                        "LUN " + lun + ": ORWRITE at " + block + ": " + answer + " status " + answer.status());
            }
        }
        return Optional.empty();
    }

    private static void reserve(TestInitiator host, int lun, int action, byte[] list) throws IOException {
        byte[] cdb = new byte[10];
        cdb[0] = 0x5f;
        cdb[1] = (byte) action;
        cdb[8] = 24;
        host.exchange(host.command(0xa1, 24, cdb).putShort(8, lun).data(list));
    }

    private Optional<String> await(String what, BooleanSupplier asBefore) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!asBefore.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return Optional.of("left behind: " + what + " (sessions "
                        + server.server().sessions() + ", connections "
                        + server.server().connections() + ", nexuses " + server.openNexuses() + ", bytes "
                        + server.server().dataBytesInUse() + ", sockets " + openFiles(true) + " before " + sockets
                        + ")");
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        return Optional.empty();
    }

    private static long openFiles(boolean socketsOnly) {
        long count = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path one : open) {
                count += !socketsOnly || isSocket(one) ? 1 : 0;
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return count;
    }

    private static boolean isSocket(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
