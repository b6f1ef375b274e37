package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs of the machine with a time limit. One that is missing fails the test: a proof that was skipped is none.
 */
public final class Programs {
    /** Enough for everything that moves no data, also on a machine that has much else to do. */
    public static final Duration SHORT = Duration.ofMinutes(2);

    /** Of the system's administrator, so perhaps not on the PATH. */
    private static final List<String> MORE_DIRECTORIES = List.of("/usr/sbin", "/sbin");

    private Programs() {}

    /** How a program ended and what it wrote. */
    public record Outcome(String command, int exitStatus, String out, String errors, Duration took) {
        /** Fails the test, telling everything, when the exit status is another one. */
        public Outcome expect(int expectedStatus) {
            assertEquals(expectedStatus, exitStatus, this::toString);
            return this;
        }

        @Override
        public String toString() {
            return command + " ended with " + exitStatus + " after " + took.toMillis() + " ms\n--- standard output\n"
                    + out + "\n--- standard error\n" + errors;
        }
    }

    /** A program took too long and was stopped. */
    public static final class TimeLimitError extends AssertionError {
        private static final long serialVersionUID = 1L;

        private TimeLimitError(String message) {
            super(message);
        }
    }

    /** Where a program is; the test fails when it is not installed. */
    public static Path find(String program) {
        List<String> directories = new ArrayList<>(List.of(System.getenv("PATH").split(":", -1)));
        directories.addAll(MORE_DIRECTORIES);
        return directories.stream()
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        program + " is not installed; integration-tests/run installs what the tests need"));
    }

    /** Runs a program of the PATH; the test fails when it takes longer than {@code limit}. */
    public static Outcome run(Duration limit, String program, String... arguments) throws InterruptedException {
        return run(limit, Map.of(), find(program), List.of(arguments));
    }

    /** Runs a program with more environment variables; output is taken as text. */
    public static Outcome run(Duration limit, Map<String, String> environment, Path program, List<String> arguments)
            throws InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        long startNanos = System.nanoTime();
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            CompletableFuture<String> out = textOf(process.getInputStream());
            CompletableFuture<String> errors = textOf(process.getErrorStream());
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
            Outcome outcome =
                    new Outcome(String.join(" ", command), process.exitValue(), out.join(), errors.join(), took);
            if (!ended) {
                throw new TimeLimitError("stopped, for it took longer than " + limit + ": " + outcome);
            }
            return outcome;
        } catch (IOException failure) {
            throw new AssertionError("cannot run " + program, failure);
        }
    }

    private static CompletableFuture<String> textOf(InputStream stream) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (stream) {
                        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                },
                task -> {
                    Thread reader = new Thread(task, "output-reader");
                    reader.setDaemon(true);
                    reader.start();
                });
    }
}
