package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.FaultyHttpProxy.Fault;
import io.sluice.integration.FaultyHttpProxy.Weather;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The S3 server is there, and answers 500 and 503 whether it has done the request or not, breaks connections, is slow, has
 * little bandwidth. No command of the host fails or is refused, all of it gets into the bucket, and nothing in there is
 * other than what was written.
 */
final class StoreFaultsTest {
    private static final Logger log = LoggerFactory.getLogger(StoreFaultsTest.class);
    private static final Duration PHASE = Duration.ofSeconds(Integer.getInteger("sluice.test.faults.seconds", 8));
    private static final Duration PHASE_MORE_MAX = Duration.ofMinutes(1);
    private static final Duration HOST_LIMIT = Duration.ofSeconds(30);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);
    private static final int BLOCKS = 2048;
    private static final int SECTOR_BYTES = 512;
    private static final int REST_MILLIS = 8;
    private static final int ANSWERS_MIN = 20;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final long seed = Long.getLong("sluice.test.seed", 20261121);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    private static Map<String, Weather> phases() {
        Map<String, Weather> phases = new LinkedHashMap<>();
        phases.put("500 and 503, not done", Weather.of(30, Fault.REFUSED_500, Fault.REFUSED_503));
        phases.put("500 and 503, done", Weather.of(30, Fault.DONE_500, Fault.DONE_503));
        phases.put(
                "connections break", Weather.of(30, Fault.RESET_IN_REQUEST, Fault.DONE_RESET, Fault.RESET_IN_ANSWER));
        phases.put("slow answers", new Weather(0, List.of(), 2000, 0));
        phases.put("little bandwidth", new Weather(0, List.of(), 0, 512 << 10));
        phases.put("nothing but 503", Weather.of(100, Fault.REFUSED_503));
        phases.put("nothing but 500, done", Weather.of(100, Fault.DONE_500));
        return phases;
    }

    @Test
    void hostsSeeNoneOfItAndNothingIsLost() throws Exception {
        log.info("seed {} (-Dsluice.test.seed), {} for each fault (-Dsluice.test.faults.seconds)", seed, PHASE);
        DiskHistory history = new DiskHistory("disk", BLOCKS);
        try (S3ProxyServer s3 = S3ProxyServer.start(directory);
                FaultyHttpProxy proxy = FaultyHttpProxy.start(s3.endpoint(), seed)) {
            s3.createBucket("disks");
            ConfigurationFiles files = ConfigurationFiles.in(directory)
                    .s3Store(proxy.endpoint(), "disks")
                    .startingQuickly()
                    .defaults(
                            "read-cache.capacity = 64 MiB",
                            "index.memory = 1 MiB",
                            "checkpoint.interval = 1 s",
                            "flush { max-age = 200 ms, segment-size = 1 MiB }",
                            "journal { capacity = 2 GiB, file-size = 16 MiB }")
                    .lun("disk", "size = " + (long) BLOCKS * ScsiHost.BLOCK_BYTES);
            try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
                work(files, server, proxy, history);
                proxy.weather(Weather.FINE);
                long startNanos = System.nanoTime();
                LunStatus.awaitDrained(server, "disk", DRAIN_LIMIT);
                log.info("drained {} ms after the last fault", (System.nanoTime() - startNanos) / 1_000_000);
                assertEquals("open", LunStatus.of(server, "disk").state());
                check(files, history);
                assertEquals(0, server.stop(), server.log());
            }
            log.info("requests by what became of them: {}", proxy.counts());
            for (Fault fault : Fault.values()) {
                assertTrue(proxy.counts().getOrDefault(fault, 0L) > 0, () -> "no request met " + fault);
            }
            Trees.delete(files.cacheDirectory("disk"));
            try (SluiceProcess server = SluiceProcess.start(files)) {
                check(files, history);
                assertEquals(0, server.stop(), server.log());
            }
        }
    }

    private void work(ConfigurationFiles files, SluiceProcess server, FaultyHttpProxy proxy, DiskHistory history)
            throws Exception {
        try (ScsiHost host = connect(files)) {
            BusyHost busy = new BusyHost(host, history, seed, false, false)
                    .patiently()
                    .onlyWriting()
                    .resting(REST_MILLIS);
            Future<Long> working = threads.submit(busy);
            for (Map.Entry<String, Weather> phase : phases().entrySet()) {
                proxy.weather(phase.getValue());
                long before = busy.answered();
                long committed = LunStatus.of(server, "disk").number("lastCommittedSequence");
                Thread.sleep(PHASE.toMillis());
                awaitEach(phase.getValue().faults(), proxy);
                if (working.isDone()) {
                    throw new AssertionError("the host ended after " + working.get() + " answers");
                }
                LunStatus status = LunStatus.of(server, "disk");
                long answers = busy.answered() - before;
                log.info(
                        "{}: {} answers, {} KiB dirty, commits {}, {}",
                        phase.getKey(),
                        answers,
                        status.number("dirtyBytes") >> 10,
                        status.number("lastCommittedSequence") > committed ? "go on" : "wait",
                        status.state());
                assertTrue(answers >= ANSWERS_MIN, () -> phase.getKey() + ": only " + answers + " answers");
            }
            busy.stop();
            working.get(60, TimeUnit.SECONDS);
            assertEquals(0, busy.refusals());
            assertTrue(
                    busy.longestWait().compareTo(HOST_LIMIT) < 0, () -> "a command waited for " + busy.longestWait());
        }
    }

    /** Few requests are made in a phase on a machine that has much else to do. */
    private static void awaitEach(List<Fault> faults, FaultyHttpProxy proxy) throws InterruptedException {
        long endNanos = System.nanoTime() + PHASE_MORE_MAX.toNanos();
        while (!proxy.counts().keySet().containsAll(faults) && System.nanoTime() < endNanos) {
            Thread.sleep(100);
        }
    }

    private static ScsiHost connect(ConfigurationFiles files) throws Exception {
        return new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, SECTOR_BYTES, 1);
    }

    private static void check(ConfigurationFiles files, DiskHistory history) throws Exception {
        try (ScsiHost host = connect(files)) {
            assertEquals(0, history.recovered(BusyHost.readAll(host, BLOCKS), true));
        }
    }
}
