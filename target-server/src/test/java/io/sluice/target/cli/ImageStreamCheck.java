package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** {@code sluice restore --to -} with a standard output of its own. */
record ImageStreamCheck(OutputStream standardOutput) {
    void restore(ServerFolder folder) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new RestoreCommand(standardOutput));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int status = line.execute(
                "disk",
                "--to",
                "-",
                "--json",
                "--config",
                folder.configurationFile().toString());
        assertEquals(ExitStatus.OK, status, err::toString);
        assertEquals("", out.toString());
        assertEquals(true, err.toString().contains("\"bytes-written\""), err::toString);
    }
}
