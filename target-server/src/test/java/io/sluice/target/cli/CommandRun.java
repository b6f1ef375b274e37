package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** One command line, run in this process: its status and everything it said. */
public record CommandRun(int status, String out, String err) {
    /** Runs it; {@code serve} does nothing. */
    public static CommandRun of(String... arguments) {
        return with((file, configuration, out, errors) -> ExitStatus.OK, arguments);
    }

    /** Runs it with this server. */
    public static CommandRun with(ServerLauncher launcher, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = SluiceCommand.commandLine(launcher, arguments);
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int status = line.execute(arguments);
        return new CommandRun(status, out.toString(), err.toString());
    }

    /** Fails the test, with everything that was said, when the status is another. */
    public CommandRun expect(int expected) {
        assertEquals(expected, status, () -> "out: " + out + "\nerr: " + err);
        return this;
    }

    /** Output and errors. */
    public String all() {
        return out + err;
    }
}
