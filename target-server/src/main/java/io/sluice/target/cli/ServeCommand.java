package io.sluice.target.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice serve}. */
@Command(
        name = "serve",
        description = {
            "Serves the configured LUNs until SIGTERM or Ctrl-C.",
            "The first signal stops cleanly (commands end, volumes are flushed and closed); a second one ends at once,"
                    + " which is as safe as a crash. Prints \"ready: iscsi://...\" for each LUN when hosts can log in."
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private final ServerLauncher launcher;

    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    ServeCommand(ServerLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        return launcher.serve(
                configuration.file(),
                configuration.load(spec),
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }
}
