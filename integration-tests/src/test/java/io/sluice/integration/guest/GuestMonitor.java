package io.sluice.integration.guest;

import io.sluice.target.admin.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The QEMU machine protocol (QMP) on the standard streams of a QEMU process: one JSON object per line. Thread-safe. */
final class GuestMonitor {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Writer requests;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    /** Takes the process's standard streams; {@link #begin} comes next. */
    GuestMonitor(Process qemu) {
        requests = qemu.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(() -> read(qemu), "qemu-monitor");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(Process qemu) {
        try (BufferedReader answers =
                new BufferedReader(new InputStreamReader(qemu.getInputStream(), StandardCharsets.UTF_8))) {
            answers.lines().forEach(lines::add);
        } catch (IOException failure) {
            lines.add("{\"error\": {\"desc\": \"the monitor's stream is closed\"}}");
        }
    }

    /** Takes the greeting and leaves the mode in which only capabilities can be negotiated. */
    void begin() throws IOException, InterruptedException {
        next("QMP");
        execute("qmp_capabilities", Map.of());
    }

    /** Runs a command and returns its answer's member "return"; fails when QEMU answers with an error or not at all. */
    synchronized Object execute(String command, Map<String, ?> arguments) throws IOException, InterruptedException {
        requests.write(
                Json.line(Map.of("execute", command, "arguments", arguments)).strip() + "\n");
        requests.flush();
        return next("return");
    }

    /** Runs a command of the monitor for people and returns what it prints. */
    String tell(String command) throws IOException, InterruptedException {
        return String.valueOf(execute("human-monitor-command", Map.of("command-line", command)));
    }

    /** The member of the next object that has it; events in between are nobody's concern. */
    private Object next(String member) throws InterruptedException {
        while (true) {
            String line = lines.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new AssertionError("QEMU's monitor does not answer within " + LIMIT);
            }
            Map<String, Object> answer = Json.parse(line);
            Object found = answer.get(member);
            if (found != null) {
                return found;
            }
            if (answer.containsKey("error")) {
                throw new AssertionError("QEMU's monitor: " + answer.get("error"));
            }
        }
    }
}
