package io.sluice.target.cli;

import io.sluice.config.SluiceConfiguration;
import java.io.PrintWriter;

/** Runs the server until it is told to stop: the command line does not know how. */
@FunctionalInterface
public interface ServerLauncher {
    /** Blocks; the exit status. {@code out} is for the lines that tell people and scripts that the server is ready. */
    int serve(SluiceConfiguration configuration, PrintWriter out, PrintWriter errors);
}
