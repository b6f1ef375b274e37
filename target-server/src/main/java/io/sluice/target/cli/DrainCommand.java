package io.sluice.target.cli;

import io.sluice.target.admin.AdminClient;
import io.sluice.target.admin.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice drain}. */
@Command(
        name = "drain",
        description = "Waits until everything that hosts were acknowledged so far is in the bucket; tells its sequence"
                + " number.",
        mixinStandardHelpOptions = true)
final class DrainCommand implements Callable<Integer> {
    /** The server answers at the latest when the asked time is over; this is for the answer itself. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Parameters(paramLabel = "VOLUME", description = "Name of the volume, as its LUN file gives it.")
    private String volume = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long to wait (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 300;

    @Option(names = "--json", description = "Answer as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (timeoutSeconds < 0) {
            throw new CommandFailure(ExitStatus.USAGE, "--timeout is a number of seconds, 0 or more");
        }
        var loaded = configuration.load(spec);
        String name = configuration.lunOf(loaded, volume).volume().name();
        Map<String, Object> answer = AdminClient.ask(
                loaded.server().adminSocket(),
                "drain " + name + " " + timeoutSeconds,
                Duration.ofSeconds(timeoutSeconds).plus(MARGIN));
        spec.commandLine()
                .getOut()
                .println(
                        json
                                ? Json.pretty(answer)
                                : "volume " + name + ": the bucket holds everything acknowledged before, sequence "
                                        + answer.get("sequence"));
        return ExitStatus.OK;
    }
}
