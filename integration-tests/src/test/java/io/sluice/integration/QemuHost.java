package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * An initiator that is not ours, with its own ideas of time-outs and of what to do when it is told BUSY: QEMU's. Writes a disk
 * over and over, four commands at a time and a pause, each pass with a pattern of its own.
 */
final class QemuHost {
    private static final int WRITE_BYTES = 64 << 10;
    private static final int AT_A_TIME = 4;
    private static final int PAUSE_MILLIS = 500;

    private final String url;
    private final int slots;
    private final int writes;

    /** Of {@code url}, {@code diskBytes} long; will write {@code bytes}, at most half a MiB a second. */
    QemuHost(String url, long diskBytes, long bytes) {
        this.url = url;
        this.slots = (int) (diskBytes / WRITE_BYTES);
        this.writes = (int) (bytes / WRITE_BYTES);
    }

    /** Begins; what was done is told at the end. */
    Future<Programs.Outcome> start(ExecutorService threads, Duration limit) {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < writes; i++) {
            commands.add("aio_write -q -P " + pattern(i) + " " + (long) (i % slots) * WRITE_BYTES + " " + WRITE_BYTES);
            if (i % AT_A_TIME == AT_A_TIME - 1) {
                commands.add("aio_flush");
                commands.add("sleep " + PAUSE_MILLIS);
            }
        }
        commands.add("flush");
        return threads.submit(() -> run(limit, commands));
    }

    /** Fails unless {@code work} ends within {@code limit}, and the host was never told of an error. */
    static void expectNoError(Future<Programs.Outcome> work, Duration limit) throws Exception {
        expectNoError(work.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static void expectNoError(Programs.Outcome outcome) {
        assertEquals("", outcome.out() + outcome.errors(), outcome::toString);
        outcome.expect(0);
    }

    /** Fails unless the disk holds what was written last everywhere. */
    void expectLastPasses(Duration limit) throws InterruptedException {
        assertFalse(writes < slots, "the whole disk is written");
        List<String> commands = new ArrayList<>();
        for (int i = writes - slots; i < writes; i++) {
            commands.add("read -q -P " + pattern(i) + " " + (long) (i % slots) * WRITE_BYTES + " " + WRITE_BYTES);
        }
        expectNoError(run(limit, commands));
    }

    private int pattern(int write) {
        return 1 + write / slots;
    }

    private Programs.Outcome run(Duration limit, List<String> commands) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("-f", "raw", "-t", "none"));
        for (String command : commands) {
            arguments.add("-c");
            arguments.add(command);
        }
        arguments.add(url);
        return Programs.run(limit, "qemu-io", arguments.toArray(String[]::new));
    }
}
