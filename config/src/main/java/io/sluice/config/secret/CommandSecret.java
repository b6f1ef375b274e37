package io.sluice.config.secret;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A secret that a program writes to its standard output. What the program writes to its standard error is thrown away,
 * and its arguments are not shown: both may hold the secret or a password for it.
 */
public final class CommandSecret implements SecretSource {
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(10);
    private static final long PAUSE_MILLISECONDS = 5;

    private final List<String> command;
    private final Duration timeout;

    /** {@code command} is the program and its arguments; no shell is involved. */
    public CommandSecret(List<String> command) {
        this(command, USUAL_TIMEOUT);
    }

    CommandSecret(List<String> command, Duration timeout) {
        this.command = List.copyOf(command);
        this.timeout = timeout;
    }

    @Override
    public Secret read() throws SecretUnavailableException {
        Process process = start();
        byte[] output = new byte[SecretBytes.LENGTH_MAX + 1];
        try {
            int length = readOutput(process, output);
            if (length <= SecretBytes.LENGTH_MAX && process.exitValue() != 0) {
                throw new SecretUnavailableException(describe() + " failed with exit status " + process.exitValue()
                        + "; run it by hand as the user that runs Sluice");
            }
            return SecretBytes.secretOf(output, length, this);
        } catch (IOException e) {
            throw new SecretUnavailableException(describe() + ": its output cannot be read; run it by hand");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SecretUnavailableException(describe() + ": interrupted while it ran; start again");
        } finally {
            Arrays.fill(output, (byte) 0);
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private Process start() throws SecretUnavailableException {
        try {
            return new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new SecretUnavailableException(describe() + " cannot be started; check the program's path");
        }
    }

    /** Until the program ends, fills the buffer or takes too long; never blocks on a pipe that a child keeps open. */
    private int readOutput(Process process, byte[] output)
            throws IOException, InterruptedException, SecretUnavailableException {
        long deadline = System.nanoTime() + timeout.toNanos();
        InputStream in = process.getInputStream();
        int length = 0;
        while (true) {
            boolean ended = !process.isAlive();
            int available = in.available();
            if (available > 0) {
                length += in.read(output, length, Math.min(available, output.length - length));
            } else if (ended) {
                return length;
            } else {
                Thread.sleep(PAUSE_MILLISECONDS);
            }
            if (length == output.length) {
                return length;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new SecretUnavailableException(describe() + " did not end within " + timeout.toMillis()
                        + " ms; run it by hand as the user that runs Sluice");
            }
        }
    }

    @Override
    public String describe() {
        return "command [" + command.get(0) + (command.size() > 1 ? ", ..." : "") + "]";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CommandSecret that && command.equals(that.command);
    }

    @Override
    public int hashCode() {
        return command.hashCode();
    }

    @Override
    public String toString() {
        return describe();
    }
}
