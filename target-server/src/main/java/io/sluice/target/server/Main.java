package io.sluice.target.server;

import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.target.cli.SluiceCommand;

/** Where the process begins and, in one place, ends. */
public final class Main {
    private Main() {}

    /** Runs one command of {@code sluice}; the process ends with its exit status. */
    @SuppressForbidden("the one place where the process ends")
    public static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals("serve")) {
            warmUp();
        }
        System.exit(SluiceCommand.run(arguments, SluiceServer::serve));
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
