package io.sluice.target.server;

import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.target.cli.ExitStatus;
import io.sluice.target.cli.PlainServe;
import io.sluice.target.cli.SluiceCommand;
import io.sluice.target.server.rehearsal.Rehearsal;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Where the process begins and, in one place, ends. */
public final class Main {
    private Main() {}

    /** Runs one command of {@code sluice}; the process ends with its exit status. */
    @SuppressForbidden("the one place where the process ends")
    public static void main(String[] arguments) {
        String command = arguments.length == 0 ? "" : arguments[0];
        boolean rehearses = command.equals("rehearse") && arguments.length == 2;
        LogSetup.begin();
        if (rehearses || command.equals("serve")) {
            warmUp();
        }
        System.exit(rehearses ? rehearse(arguments[1]) : run(arguments));
    }

    private static int run(String[] arguments) {
        return PlainServe.takes(arguments)
                ? PlainServe.run(arguments, SluiceServer::serve)
                : SluiceCommand.run(arguments, SluiceServer::serve);
    }

    /** For the launcher, when it makes the class archive; no command of people. */
    private static int rehearse(String directory) {
        try {
            return Rehearsal.run(Path.of(directory), SluiceServer::serve, () -> Signals.raise("TERM"));
        } catch (IOException failure) {
            LoggerFactory.getLogger(Main.class).error("the rehearsal failed", failure);
            return ExitStatus.FAILED;
        }
    }

    /** While the command line and the configuration are read, there is a processor for what comes behind them. */
    private static void warmUp() {
        Thread beside = new Thread(SystemEnvironment::warmUp, "warm-up");
        beside.setDaemon(true);
        beside.start();
    }

    /** Ends at once, without closing anything: everything acknowledged is safe as after a crash. */
    @SuppressForbidden("a second signal asks for it")
    static void endAtOnce(int status) {
        Runtime.getRuntime().halt(status);
    }
}
