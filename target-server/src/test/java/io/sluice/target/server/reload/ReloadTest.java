package io.sluice.target.server.reload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ConfigurationResult;
import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.load.ConfigurationLoader;
import io.sluice.target.cli.ServerFolder;
import io.sluice.target.server.reload.ReloadReport.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When reloads are done, what keeps them from being done, and what a step that fails means for the others. */
class ReloadTest {
    private static final long PATIENCE_SECONDS = 20;

    private ServerFolder folder;

    private FakeServer server;

    private Reload reload;

    @BeforeEach
    void oneLunIsServed(@TempDir Path directory) {
        folder = new ServerFolder(directory).lun(0, "first", "");
        server = new FakeServer(folder.load());
        reload = new Reload(() -> new ConfigurationLoader().load(folder.configurationFile()));
    }

    /** Notes the steps; those with a certain text fail or wait. */
    private static final class FakeServer implements RunningServer {
        private final SluiceConfiguration configuration;
        private final List<String> steps = Collections.synchronizedList(new ArrayList<>());
        private String failing = "nothing";
        private final CountDownLatch mayGoOn = new CountDownLatch(1);
        private final CountDownLatch waits = new CountDownLatch(1);
        private volatile boolean waiting;

        FakeServer(SluiceConfiguration configuration) {
            this.configuration = configuration;
        }

        private String step(String text) throws IOException {
            steps.add(text);
            if (text.equals(failing)) {
                throw new IOException("broken");
            }
            return "";
        }

        @Override
        public ServerSettings settings() {
            return configuration.server();
        }

        @Override
        public List<RunningLun> luns() {
            return configuration.luns().stream()
                    .map(lun -> new RunningLun(lun, true, lun.size().bytes()))
                    .toList();
        }

        @Override
        public void changeLog(ServerSettings.Log log) {
            steps.add("log");
        }

        @Override
        public String changeAccess(SluiceConfiguration files) throws IOException {
            return step("access");
        }

        @Override
        public String endForbiddenSessions() {
            steps.add("sessions");
            return "";
        }

        @Override
        public String removeTarget(String targetName) {
            steps.add("remove target");
            return "2 sessions ended";
        }

        @Override
        public String removeLun(LunSettings lun) throws IOException {
            return step("remove " + lun.lun());
        }

        @Override
        public String addLun(LunSettings lun) throws IOException, InterruptedException {
            if (waiting) {
                waits.countDown();
                assertTrue(mayGoOn.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
            return step("add " + lun.lun());
        }

        @Override
        public String growLun(LunSettings lun) throws IOException {
            return step("grow " + lun.lun());
        }

        @Override
        public void presentLun(LunSettings lun) {
            steps.add("present " + lun.lun());
        }

        @Override
        public void adopt(SluiceConfiguration files) {
            steps.add("adopt");
        }
    }

    @Test
    void beforeTheServerServesNothingIsReloaded() {
        ReloadReport report = reload.run("test");
        assertEquals(Outcome.REFUSED, report.outcome());
        assertTrue(report.problems().get(0).contains("still starting"));
        reload.serving(server);
        assertEquals(Outcome.UNCHANGED, reload.run("test").outcome());
        reload.stop();
        assertTrue(reload.run("test").problems().get(0).contains("stopping"));
    }

    @Test
    void secretsAndSessionsAreLookedAtAlsoWhenNoSettingHasChanged() {
        reload.serving(server);
        assertEquals(Outcome.UNCHANGED, reload.run("test").outcome());
        assertEquals(List.of("access", "sessions", "adopt"), server.steps);
    }

    @Test
    void allMistakesAreToldAndNothingIsTouched() {
        reload.serving(server);
        folder.lun(1, "second", "").lun(2, "bad", "durability = sometimes\nflush.max-age = soon");
        ReloadReport report = reload.run("test");
        assertEquals(Outcome.MISTAKES, report.outcome());
        assertEquals(2, report.problems().size(), report.problems().toString());
        assertTrue(
                report.problems().get(0).startsWith("luns.d/bad.conf:"),
                report.problems().toString());
        assertEquals(List.of(), server.steps);
    }

    @Test
    void whatNeedsARestartKeepsTheRestFromBeingDone() {
        reload.serving(server);
        folder.portal("127.0.0.1:3261").lun(1, "second", "");
        ReloadReport report = reload.run("test");
        assertEquals(Outcome.NEEDS_RESTART, report.outcome());
        assertTrue(
                report.problems().get(0).startsWith("portals ("),
                report.problems().toString());
        assertEquals(List.of(), server.steps);
    }

    @Test
    void aStepThatFailsFailsAlone() {
        reload.serving(server);
        server.failing = "add 1";
        folder.lun(1, "second", "").lun(2, "third", "");
        ReloadReport report = reload.run("test");
        assertEquals(Outcome.PARTLY_APPLIED, report.outcome());
        assertEquals(List.of("access", "sessions", "add 1", "add 2", "adopt"), server.steps);
        assertEquals(1, report.changes().size());
        assertTrue(report.failures().get(0).endsWith("LUN 1 (volume second): added: broken"), report.toString());
        assertEquals("partly-applied", report.toMap().get("outcome"));
    }

    @Test
    void withoutAccessRulesNothingElseIsDone() {
        reload.serving(server);
        server.failing = "access";
        folder.lun(1, "second", "");
        ReloadReport report = reload.run("test");
        assertEquals(Outcome.FAILED, report.outcome());
        assertEquals(List.of("access"), server.steps);
    }

    @Test
    void whatGoesWithATargetIsTold() throws IOException {
        reload.serving(server);
        Files.delete(folder.path("luns.d/first.conf"));
        ReloadReport report = reload.run("test");
        assertEquals(Outcome.APPLIED, report.outcome());
        assertTrue(report.changes().get(0).endsWith("target removed; 2 sessions ended"), report.toString());
    }

    @Test
    void aStopWaitsForTheStepUnderWayAndSkipsTheOthers() throws Exception {
        reload.serving(server);
        server.waiting = true;
        folder.lun(1, "second", "").lun(2, "third", "");
        CompletableFuture<ReloadReport> report = CompletableFuture.supplyAsync(() -> reload.run("test"));
        assertTrue(server.waits.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(reload::stop);
        Thread.sleep(100);
        assertFalse(stopped.isDone());
        server.mayGoOn.countDown();
        stopped.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(report.get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .failures()
                .get(0)
                .contains("LUN 2 (volume third): added: not done, the server is stopping"));
        assertFalse(server.steps.contains("add 2"));
    }

    @Test
    void manySignalsBehindALongReloadAreOneMore() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        Reload counting = new Reload(() -> {
            reads.incrementAndGet();
            return new ConfigurationResult.Usable(folder.load(), List.of());
        });
        counting.serving(server);
        server.waiting = true;
        folder.lun(1, "second", "");
        List<CompletableFuture<Void>> signals = new ArrayList<>();
        signals.add(CompletableFuture.runAsync(() -> counting.signalled("first")));
        assertTrue(server.waits.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        CompletableFuture<Void> waits = new CompletableFuture<>();
        Thread second = new Thread(() -> {
            counting.signalled("second");
            waits.complete(null);
        });
        second.start();
        while (second.getState() != Thread.State.WAITING) {
            Thread.sleep(5);
        }
        for (int i = 0; i < 10; i++) {
            counting.signalled("more"); // returns at once: the second will see the files
        }
        server.mayGoOn.countDown();
        signals.get(0).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        waits.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertEquals(2, reads.get());
    }
}
