package io.sluice.target.cli;

import io.sluice.config.SluiceConfiguration;
import io.sluice.storage.runtime.SuppressForbidden;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Set;

/**
 * {@code serve} in the words of service units and scripts, {@code serve [--config FILE]}, without the library for command
 * lines: its classes cannot be archived on JDK 17. It saves a start up to a tenth of a second. Every other command line,
 * also any other way to write this one, is {@link SluiceCommand}'s; both do the same.
 */
public final class PlainServe {
    /** The command. */
    static final String NAME = "serve";

    private static final Set<String> CONFIGURATION_OPTIONS = Set.of("-c", "--config");

    private PlainServe() {}

    /** Whether {@code arguments} are such a command line. */
    public static boolean takes(String[] arguments) {
        boolean serves = arguments.length > 0 && arguments[0].equals(NAME);
        return serves && (arguments.length == 1 || (arguments.length == 3 && namesFile(arguments[1], arguments[2])));
    }

    /** Runs one that it {@link #takes}, on standard output and error; the exit status. */
    @SuppressForbidden("the two streams that the library would use")
    public static int run(String[] arguments, ServerLauncher launcher) {
        return run(arguments, launcher, writer(System.out), writer(System.err));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, Charset.defaultCharset());
    }

    static int run(String[] arguments, ServerLauncher launcher, PrintWriter out, PrintWriter errors) {
        try {
            Path file = Path.of(arguments.length == 1 ? ConfigurationOption.DEFAULT_FILE : arguments[2]);
            SluiceConfiguration configuration = ConfigurationOption.load(file, errors);
            return launcher.serve(file, configuration, out, errors);
        } catch (RuntimeException failure) {
            return FailureReport.tell(failure, "sluice " + NAME, errors);
        }
    }

    /** Nothing that the library would take for an option or for a file of arguments. */
    private static boolean namesFile(String option, String file) {
        return CONFIGURATION_OPTIONS.contains(option)
                && !file.isEmpty()
                && !file.startsWith("-")
                && !file.startsWith("@")
                && !file.startsWith("\"");
    }
}
