package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What no host waits for runs below what hosts wait for, as the kernel sees it: the launcher's options reach the threads. */
final class ThreadPriorityTest {
    /** Of the launcher: {@code JavaPriority1_To_OSPriority}. */
    private static final int BACKGROUND_NICE = 10;
    /** Behind the name in parentheses, which may hold blanks, of /proc/PID/task/TID/stat: proc(5), field 19. */
    private static final int NICE_FIELD_BEHIND_NAME = 16;

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void theBackgroundIsNicerThanTheLoopsOfTheHosts() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("flush.max-age = 100 ms")
                .lun("disk", "size = 64 MiB");
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            try (ScsiHost host = new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, 512, 1)) {
                assertEquals(0, host.writeNow(0, new byte[ScsiHost.BLOCK_BYTES]).status());
            }
            LunStatus.awaitDrained(server, "disk", LIMIT);
            Map<String, List<Integer>> nice = niceOfThreads(server.pid());
            assertAll("sluice-back", nice, value -> value == BACKGROUND_NICE);
            // Not 0: whoever runs the tests may be nice itself.
            assertAll("iscsi-loop", nice, value -> value < BACKGROUND_NICE);
            assertAll("sluice-disk", nice, value -> value < BACKGROUND_NICE);
            assertEquals(0, server.stop(), server.log());
        }
    }

    private static void assertAll(String threads, Map<String, List<Integer>> nice, IntPredicate expected) {
        List<Integer> found = new ArrayList<>();
        nice.forEach((name, values) -> found.addAll(name.startsWith(threads) ? values : List.of()));
        assertTrue(!found.isEmpty() && found.stream().allMatch(expected::test), threads + ": " + nice);
    }

    /** By the name that the kernel knows, which has 15 characters. */
    private static Map<String, List<Integer>> niceOfThreads(long pid) throws IOException {
        Map<String, List<Integer>> nice = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            tasks.forEach(task -> addNice(task, nice));
        }
        return nice;
    }

    private static void addNice(Path task, Map<String, List<Integer>> nice) {
        try {
            String stat = Files.readString(task.resolve("stat"), StandardCharsets.UTF_8);
            String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1);
            nice.computeIfAbsent(name, key -> new ArrayList<>()).add(Integer.parseInt(fields[NICE_FIELD_BEHIND_NAME]));
        } catch (NoSuchFileException ended) {
            // A thread may end while the others are looked at.
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
