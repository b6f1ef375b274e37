package io.sluice.target.server;

import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.target.cli.SluiceCommand;

/** Where the process begins and, in one place, ends. */
public final class Main {
    private Main() {}

    /** Runs one command of {@code sluice}; the process ends with its exit status. */
    @SuppressForbidden("the one place where the process ends")
    public static void main(String[] arguments) {
        System.exit(SluiceCommand.run(arguments, SluiceServer::serve));
    }

    /** Ends at once, without closing anything: everything acknowledged is safe as after a crash. */
    @SuppressForbidden("a second signal asks for it")
    static void endAtOnce(int status) {
        Runtime.getRuntime().halt(status);
    }
}
