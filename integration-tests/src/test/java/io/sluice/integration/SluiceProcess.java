package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sluice.target.admin.AdminClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code sluice serve} of the packaged distribution, as a process of its own on 127.0.0.1.
 *
 * <p>States: starting → ready → ended. What it writes goes to files beside the configuration, new ones for each start. Not
 * thread-safe, except {@link #kill}.
 */
public final class SluiceProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
    private static final Duration SHORT = Duration.ofSeconds(10);
    private static final Duration ARCHIVE_LIMIT = Duration.ofMinutes(5);
    private static final String ARCHIVE_VARIABLE = "SLUICE_CLASS_ARCHIVE";
    private static final String READY = "ready: ";

    /** Small enough for several at a time on a small machine, and a proof that memory is bounded. */
    private static final String JAVA_OPTIONS = "-Xmx768m";

    private final ConfigurationFiles files;
    private final Process process;
    private final Path out;
    private final Path errors;

    private SluiceProcess(ConfigurationFiles files, Process process, Path out, Path errors) {
        this.files = files;
        this.process = process;
        this.out = out;
        this.errors = errors;
    }

    /** Writes the files, makes the volumes that are missing, starts the server and waits until every LUN is ready. */
    public static SluiceProcess startWithVolumes(ConfigurationFiles files) throws IOException, InterruptedException {
        files.write();
        for (String volume : files.volumes()) {
            sluice(files, "volume", "create", "--if-absent", volume).expect(0);
        }
        return start(files);
    }

    /** Starts the server and waits until every LUN is ready. */
    public static SluiceProcess start(ConfigurationFiles files) throws IOException, InterruptedException {
        SluiceProcess started = launch(files);
        try {
            started.awaitReady(files.volumes().size());
            return started;
        } catch (AssertionError | IOException | InterruptedException failure) {
            started.close();
            throw failure;
        }
    }

    /** Starts the server and waits for nothing. */
    public static SluiceProcess launch(ConfigurationFiles files) throws IOException {
        int number = 1;
        while (Files.exists(files.directory().resolve("server-" + number + ".log"))) {
            number++;
        }
        Path out = files.directory().resolve("server-" + number + ".out");
        Path errors = files.directory().resolve("server-" + number + ".log");
        // Whoever runs the tests under nohup hands down that SIGHUP is ignored; a service manager does not.
        ProcessBuilder builder = new ProcessBuilder(
                        "env",
                        "--default-signal=HUP",
                        Distribution.launcher().toString(),
                        "serve",
                        "--config",
                        files.configuration().toString())
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment(files));
        return new SluiceProcess(files, builder.start(), out, errors);
    }

    /**
     * Makes the class archive that the next starts with these files use, below their directory, as the service unit and
     * quickstart do before they start a server: beside the distribution it would be there for every other test, too.
     */
    public static void archiveClasses(ConfigurationFiles files) throws InterruptedException {
        files.environment(ARCHIVE_VARIABLE, files.directory().resolve("classes").toString());
        Programs.run(ARCHIVE_LIMIT, environment(files), Distribution.launcher(), List.of("archive-classes"))
                .expect(0);
    }

    /** Runs a command of {@code sluice} that ends by itself; {@code --config} is put behind the arguments. */
    public static Programs.Outcome sluice(ConfigurationFiles files, String... arguments) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--config");
        all.add(files.configuration().toString());
        return Programs.run(Programs.SHORT, environment(files), Distribution.launcher(), all);
    }

    private static Map<String, String> environment(ConfigurationFiles files) {
        Map<String, String> environment = new HashMap<>();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("SLUICE_JAVA_OPTS", JAVA_OPTIONS);
        environment.putAll(files.environment());
        return environment;
    }

    /** Waits for as many lines "ready:"; the test fails when the server ends before or takes too long. */
    public void awaitReady(int luns) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + START_LIMIT.toNanos();
        while (urls().size() < luns) {
            if (!process.isAlive() || System.nanoTime() > endNanos) {
                throw new AssertionError("the server is not ready with " + luns + " LUNs, "
                        + (process.isAlive() ? "it still runs" : "it ended with " + process.exitValue()) + ":\n"
                        + Files.readString(out) + log());
            }
            Thread.sleep(20);
        }
    }

    /** The URLs that it has announced. */
    public List<String> urls() throws IOException {
        String text = Files.readString(out);
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> line.startsWith(READY))
                .map(line -> line.substring(READY.length()).strip())
                .toList();
    }

    /** The URL of a volume; the test fails when it was not announced. */
    public String url(String volume) throws IOException {
        String wanted = files.url(volume);
        if (!urls().contains(wanted)) {
            throw new AssertionError(wanted + " is not ready: " + urls() + "\n" + log());
        }
        return wanted;
    }

    /** What it has logged so far. */
    public String log() throws IOException {
        return Files.readString(errors);
    }

    /** The row of one LUN in what {@code sluice status --json} shows; asked here, for a program takes a second to start. */
    public Map<?, ?> status(String volume) {
        Map<String, Object> status;
        try {
            status = AdminClient.ask(files.adminSocket(), "status");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        if (status.get("luns") instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof Map<?, ?> lun && volume.equals(lun.get("volume"))) {
                    return lun;
                }
            }
        }
        throw new AssertionError("no volume " + volume + " in " + status);
    }

    /** {@code sluice drain}: the sequence number up to which everything is in the bucket then. */
    public long drain(String volume, Duration limit) throws IOException {
        Object sequence = AdminClient.ask(
                        files.adminSocket(), "drain " + volume + " " + limit.toSeconds(), limit.plus(SHORT))
                .get("sequence");
        if (sequence instanceof Number number) {
            return number.longValue();
        }
        throw new AssertionError("no sequence number: " + sequence);
    }

    /** Any signal, by its name without SIG. */
    public void signal(String name) throws InterruptedException {
        Programs.run(Programs.SHORT, "kill", "-" + name, String.valueOf(process.pid()))
                .expect(0);
    }

    /** SIGHUP: the server reads its files again. Returns when its log has told how the reload ended. */
    public String hangUp() throws IOException, InterruptedException {
        int told = reloads();
        Programs.run(Programs.SHORT, "kill", "-HUP", String.valueOf(process.pid()))
                .expect(0);
        long endNanos = System.nanoTime() + STOP_LIMIT.toNanos();
        while (reloads() == told) {
            if (System.nanoTime() > endNanos) {
                throw new AssertionError("the server does not reload:\n" + log());
            }
            Thread.sleep(20);
        }
        String log = log();
        return log.substring(log.lastIndexOf("SIGHUP: "));
    }

    private int reloads() throws IOException {
        return (int)
                log().lines().filter(line -> line.matches(".*reload: [A-Z_]+$")).count();
    }

    /** Its number: the launcher becomes the JVM. */
    public long pid() {
        return process.pid();
    }

    /** True until it has ended. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM; returns the exit status. */
    public int stop() throws IOException, InterruptedException {
        process.destroy();
        return awaitEnd(STOP_LIMIT);
    }

    /** Waits until it ends by itself; returns the exit status. */
    public int awaitEnd(Duration limit) throws IOException, InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            String log = log();
            kill();
            throw new AssertionError("the server does not end within " + limit + ":\n" + log);
        }
        return process.exitValue();
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        assertFalse(process.isAlive());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
