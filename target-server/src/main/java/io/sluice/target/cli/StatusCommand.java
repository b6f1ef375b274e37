package io.sluice.target.cli;

import io.sluice.target.admin.AdminClient;
import io.sluice.target.admin.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice status}. */
@Command(
        name = "status",
        description = "Shows sessions, queues, cache fill and what is not in the bucket yet, of the running server.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Option(names = "--json", description = "Answer as JSON, with every figure.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Map<String, Object> status =
                AdminClient.ask(configuration.load(spec).server().adminSocket(), "status");
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.pretty(status));
        } else {
            new StatusText(status).print(out, Instant.now());
        }
        return ExitStatus.OK;
    }
}
