package io.sluice.target.cli;

import io.sluice.config.SluiceConfiguration;
import java.io.PrintWriter;
import java.nio.file.Path;

/** Runs the server until it is told to stop: the command line does not know how. */
@FunctionalInterface
public interface ServerLauncher {
    /**
     * Blocks; the exit status. {@code file} is where the configuration was read, {@code out} is for the lines that tell
     * people and scripts that the server is ready.
     */
    int serve(Path file, SluiceConfiguration configuration, PrintWriter out, PrintWriter errors);
}
