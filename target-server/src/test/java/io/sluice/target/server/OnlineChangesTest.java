package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.Json;
import io.sluice.target.cli.CommandRun;
import io.sluice.target.cli.ExitStatus;
import io.sluice.target.cli.ServerFolder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with two LUNs and two sessions is told to read its files again. */
class OnlineChangesTest {
    private static final String OTHER_TARGET = "iqn.2026-11.io.sluice.test:others";
    private static final int BLOCKS_PER_MIB = 2048;

    private ServerFolder folder;

    private ServerThread server;

    private InetSocketAddress portal;

    private TestHost first;

    private TestHost second;

    @BeforeEach
    void serveTwoLunsToTwoHosts(@TempDir Path directory) throws Exception {
        folder = new ServerFolder(directory).lun(0, "busy", "").lun(1, "other", "");
        folder.run("volume", "create", "busy").expect(ExitStatus.OK);
        folder.run("volume", "create", "other").expect(ExitStatus.OK);
        server = ServerThread.start(folder);
        portal = server.awaitReady();
        first = host(1);
        second = host(2);
    }

    private TestHost host(long isid) throws IOException {
        return new TestHost(portal, ServerFolder.TARGET, isid).ready(0).ready(1);
    }

    @AfterEach
    void stop() throws Exception {
        first.close();
        second.close();
        server.stopCleanly();
        server.close();
    }

    private CommandRun reload(int status) {
        return folder.run("reload").expect(status);
    }

    private void edit(String file, String from, String to) throws IOException {
        String text = Files.readString(folder.path(file));
        assertTrue(text.contains(from), text);
        Files.writeString(folder.path(file), text.replace(from, to));
    }

    private static byte[] block(int value) {
        byte[] bytes = new byte[4096];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void aLunIsAddedAndRemovedWhileAnotherIsBusy() throws Exception {
        try (Busy busy = new Busy(host(3))) {
            folder.lun(5, "third", "");
            folder.run("volume", "create", "third").expect(ExitStatus.OK);
            assertTrue(reload(ExitStatus.OK).out().contains("LUN 5 (volume third): added"));
            assertEquals(TestHost.LUNS_CHANGED, first.test(0));
            assertEquals(TestHost.LUNS_CHANGED, second.test(1));
            first.ready(0).ready(5);
            assertEquals(TestHost.GOOD, first.write(5, 0, block(7)));
            assertEquals(3, status().get("luns") instanceof List<?> rows ? rows.size() : -1);
            Files.delete(folder.path("luns.d/third.conf"));
            String told = reload(ExitStatus.OK).out();
            assertTrue(told.contains("LUN 5 (volume third): removed; the bucket holds everything"), told);
            assertEquals(TestHost.NO_SUCH_LUN, first.test(5));
            assertEquals(TestHost.LUNS_CHANGED, first.test(0));
            assertEquals(TestHost.GOOD, first.test(0));
            busy.check();
        }
        folder.lun(5, "third", "");
        assertTrue(reload(ExitStatus.OK).out().contains("added"));
        first.ready(5);
        assertArrayEquals(block(7), first.read(5, 0, 8).data());
    }

    @Test
    void growthIsSeenByEveryNexusAndOutlivesARestart() throws Exception {
        try (Busy busy = new Busy(host(3))) {
            assertEquals(BLOCKS_PER_MIB, first.blocks(1));
            edit("luns.d/other.conf", "\nsize = 1 MiB", "\nsize = 3 MiB");
            String told = reload(ExitStatus.OK).out();
            assertTrue(told.contains("LUN 1 (volume other): grown from 1 MiB to 3 MiB"), told);
            for (TestHost host : List.of(first, second)) {
                assertEquals(TestHost.CAPACITY_CHANGED, host.test(1));
                assertEquals(3 * BLOCKS_PER_MIB, host.blocks(1));
                assertEquals(TestHost.GOOD, host.test(0), "the other LUN is not touched");
            }
            assertEquals(TestHost.GOOD, first.write(1, 3 * BLOCKS_PER_MIB - 8, block(9)));
            assertArrayEquals(
                    block(9), second.read(1, 3 * BLOCKS_PER_MIB - 8, 8).data());
            busy.check();
        }
        restart();
        assertEquals(3 * BLOCKS_PER_MIB, first.blocks(1));
        assertArrayEquals(block(9), first.read(1, 3 * BLOCKS_PER_MIB - 8, 8).data());
    }

    private void restart() throws Exception {
        first.close();
        second.close();
        server.stopCleanly();
        server = ServerThread.start(folder);
        portal = server.awaitReady();
        first = host(1);
        second = host(2);
    }

    @Test
    void aLargerSizeInTheFileIsTakenAtTheStartAndASmallerOneRefused() throws Exception {
        first.close();
        second.close();
        server.stopCleanly();
        edit("luns.d/other.conf", "\nsize = 1 MiB", "\nsize = 2 MiB");
        restartStopped();
        assertEquals(2 * BLOCKS_PER_MIB, first.ready(1).blocks(1));
        first.close();
        second.close();
        server.stopCleanly();
        edit("luns.d/other.conf", "\nsize = 2 MiB", "\nsize = 1 MiB");
        restartStopped();
        assertEquals(TestHost.NO_SUCH_LUN, first.test(1));
        String table = folder.run("status").expect(ExitStatus.OK).out();
        assertTrue(table.contains("a volume cannot become smaller; write size = \"2 MiB\""), table);
        edit("luns.d/other.conf", "\nsize = 1 MiB", "\nsize = 2 MiB");
        assertTrue(reload(ExitStatus.OK).out().contains("LUN 1 (volume other): added"));
        assertEquals(2 * BLOCKS_PER_MIB, first.ready(1).blocks(1));
    }

    private void restartStopped() throws Exception {
        server = ServerThread.start(folder);
        portal = server.awaitReady();
        first = new TestHost(portal, ServerFolder.TARGET, 1).ready(0);
        second = new TestHost(portal, ServerFolder.TARGET, 2).ready(0);
    }

    @Test
    void aMistakeOrAChangeThatNeedsARestartChangesNothing() throws Exception {
        String before = Json.pretty(status());
        folder.lun(5, "third", "durability = sometimes");
        edit("luns.d/other.conf", "\nsize = 1 MiB", "\nsize = 3 MiB");
        CommandRun mistake = reload(ExitStatus.CONFIGURATION);
        assertTrue(mistake.err().contains("luns.d/third.conf:"), mistake.err());
        folder.lun(5, "third", "");
        edit("luns.d/other.conf", "index.memory = 1 MiB", "index.memory = 2 MiB");
        CommandRun restart = reload(ExitStatus.FAILED);
        assertTrue(restart.err().contains("index.memory (1 MiB -> 2 MiB) can only be changed"), restart.err());
        edit("luns.d/other.conf", "index.memory = 2 MiB", "index.memory = 1 MiB");
        edit("luns.d/other.conf", "\nsize = 3 MiB", "\nsize = 1 MiB");
        Files.delete(folder.path("luns.d/third.conf"));
        assertTrue(reload(ExitStatus.OK).out().contains("nothing to change"));
        assertEquals(names(before), names(Json.pretty(status())));
        assertEquals(TestHost.GOOD, first.test(0));
        assertEquals(TestHost.GOOD, first.test(1));
        assertEquals(BLOCKS_PER_MIB, first.blocks(1));
    }

    private static List<String> names(String status) {
        return status.lines()
                .filter(line -> line.contains("\"volume\"") || line.contains("isid"))
                .toList();
    }

    @Test
    void aSmallerSizeIsRefused() throws Exception {
        folder.lun(1, "other", "");
        edit("luns.d/other.conf", "\nsize = 1 MiB", "\nsize = 2 MiB");
        reload(ExitStatus.OK);
        edit("luns.d/other.conf", "\nsize = 2 MiB", "\nsize = 1 MiB");
        CommandRun refused = reload(ExitStatus.FAILED);
        assertTrue(refused.err().contains("has 2 MiB and cannot become smaller (1 MiB)"), refused.err());
        first.ready(1);
        assertEquals(2 * BLOCKS_PER_MIB, first.blocks(1));
    }

    @Test
    void aLunThatCannotBeOpenedDoesNotKeepTheOthersFromComing() throws Exception {
        folder.lun(5, "missing", "").lun(6, "fourth", "");
        folder.run("volume", "create", "fourth").expect(ExitStatus.OK);
        CommandRun run = reload(ExitStatus.FAILED);
        assertTrue(run.out().contains("LUN 6 (volume fourth): added"), run.all());
        assertTrue(run.err().contains("LUN 5 (volume missing): added: there is no volume \"missing\""), run.all());
        assertTrue(run.err().contains("create it with \"sluice volume create\""), run.all());
        first.ready(6);
        folder.run("volume", "create", "missing").expect(ExitStatus.OK);
        assertTrue(reload(ExitStatus.OK).out().contains("LUN 5 (volume missing): added"));
        first.ready(5);
    }

    @Test
    void readOnlyAndVendorAreShownAtOnce() throws Exception {
        folder.lun(1, "other", "read-only = true\nvendor = ACME");
        reload(ExitStatus.OK);
        for (TestHost host : List.of(first, second)) {
            assertEquals(TestHost.INQUIRY_CHANGED, host.test(1));
            assertEquals(TestHost.MODE_CHANGED, host.test(1));
            assertEquals(TestHost.WRITE_PROTECTED, host.write(1, 0, block(1)));
            byte[] inquiry = host.run(1, 0xC1, 36, new byte[] {0x12, 0, 0, 0, 36, 0}, new byte[0])
                    .data();
            assertEquals("ACME    ", new String(inquiry, 8, 8, java.nio.charset.StandardCharsets.US_ASCII));
        }
        folder.lun(1, "other", "");
        reload(ExitStatus.OK);
        first.ready(1);
        assertEquals(TestHost.GOOD, first.write(1, 0, block(1)));
    }

    @Test
    void aTargetComesWithItsLunAndItsSessionsEndWhenItGoes() throws Exception {
        folder.lun(0, "moving", "");
        edit("luns.d/moving.conf", ServerFolder.TARGET, OTHER_TARGET);
        folder.run("volume", "create", "moving").expect(ExitStatus.OK);
        assertTrue(reload(ExitStatus.OK).out().contains(OTHER_TARGET + " LUN 0 (volume moving): added"));
        try (TestHost guest = new TestHost(portal, OTHER_TARGET, 4).ready(0)) {
            assertEquals(TestHost.GOOD, guest.write(0, 0, block(3)));
            folder.lun(7, "moving", "");
            String told = reload(ExitStatus.OK).out();
            assertTrue(told.contains(OTHER_TARGET + ": target removed; 1 session ended"), told);
            assertEquals(0x32, guest.initiator().receive().opcode(), "asked to log out");
            assertTrue(guest.initiator().isClosedByTarget());
        }
        first.ready(7);
        assertArrayEquals(block(3), first.read(7, 0, 8).data());
        assertEquals(
                0x0203,
                new io.sluice.target.iscsi.TestInitiator(portal)
                        .login(OTHER_TARGET)
                        .loginStatus());
    }

    @Test
    void drainTellsTheSequenceNumber() throws Exception {
        assertEquals(TestHost.GOOD, first.write(0, 0, block(1)));
        String told = folder.run("drain", "busy").expect(ExitStatus.OK).out();
        assertTrue(told.startsWith("volume busy: the bucket holds everything acknowledged before, sequence "), told);
        Map<String, Object> answer = Json.parse(
                folder.run("drain", "busy", "--json").expect(ExitStatus.OK).out());
        assertEquals("busy", answer.get("volume"));
        assertTrue(folder.run("status").out().contains("busy"));
        assertTrue(
                folder.run("drain", "nothing").expect(ExitStatus.FAILED).err().contains("names a volume"));
        Files.move(folder.path("bucket"), folder.path("away"));
        assertEquals(TestHost.GOOD, first.write(0, 0, block(2)));
        CommandRun slow = folder.run("drain", "busy", "--timeout", "1").expect(ExitStatus.FAILED);
        assertTrue(slow.err().contains("after 1 s, 4096 bytes of volume busy are not in the bucket yet"), slow.err());
        Files.move(folder.path("away"), folder.path("bucket"));
    }

    private Map<String, Object> status() {
        return Json.parse(folder.run("status", "--json").expect(ExitStatus.OK).out());
    }

    /** Writes and reads back on LUN 0 until closed; nothing but GOOD and what was written may come. */
    private static final class Busy implements AutoCloseable {
        private final TestHost host;
        private final CompletableFuture<Integer> rounds;
        private volatile boolean ending;

        Busy(TestHost host) {
            this.host = host;
            this.rounds = CompletableFuture.supplyAsync(this::work);
        }

        private int work() {
            int round = 0;
            try {
                while (!ending) {
                    round++;
                    byte[] bytes = block(round);
                    int written = host.write(0, 8 * (round % 64), bytes);
                    check(written);
                    if (written != TestHost.GOOD) {
                        continue;
                    }
                    TestHost.Answer answer = host.read(0, 8 * (round % 64), 8);
                    check(answer.outcome());
                    if (answer.outcome() == TestHost.GOOD) {
                        assertArrayEquals(bytes, answer.data());
                    }
                }
                return round;
            } catch (IOException failure) {
                throw new AssertionError("round " + round, failure);
            }
        }

        /** That the inventory changes is told here, too; it is no error. */
        private static void check(int outcome) {
            assertTrue(outcome == TestHost.GOOD || outcome == TestHost.LUNS_CHANGED, Integer.toHexString(outcome));
        }

        void check() {
            assertFalse(rounds.isDone(), () -> "it ended early: " + rounds);
        }

        @Override
        public void close() throws IOException {
            ending = true;
            assertTrue(rounds.orTimeout(20, TimeUnit.SECONDS).join() > 10);
            host.close();
        }
    }
}
