package io.sluice.target.cli;

import io.sluice.target.admin.AdminClient;
import io.sluice.target.admin.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice reload}. */
@Command(
        name = "reload",
        description = {
            "Brings the running server to what the configuration files say, without touching other LUNs or sessions.",
            "LUNs are added, removed and grown; read-only, vendor, product, access lists, secrets and the log are"
                    + " changed. With a mistake in the files, or with something that needs a restart, nothing is"
                    + " changed. SIGHUP does the same."
        },
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Option(names = "--json", description = "Answer as JSON.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long to wait for the server's answer (default: ${DEFAULT-VALUE}); it goes on"
                    + " nevertheless.")
    private int timeoutSeconds = 600;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Map<String, Object> report = AdminClient.ask(
                configuration.load(spec).server().adminSocket(), "reload", Duration.ofSeconds(timeoutSeconds));
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter errors = spec.commandLine().getErr();
        if (json) {
            out.println(Json.pretty(report));
        } else {
            print(report, out, errors);
        }
        return switch (String.valueOf(report.get("outcome"))) {
            case "applied", "unchanged" -> ExitStatus.OK;
            case "mistakes" -> ExitStatus.CONFIGURATION;
            default -> ExitStatus.FAILED;
        };
    }

    private static void print(Map<String, Object> report, PrintWriter out, PrintWriter errors) {
        lines(report, "warnings").forEach(line -> errors.println("warning: " + line));
        lines(report, "changes").forEach(out::println);
        lines(report, "failures").forEach(line -> errors.println("failed: " + line));
        lines(report, "problems").forEach(errors::println);
        switch (String.valueOf(report.get("outcome"))) {
            case "applied" -> out.println("done");
            case "unchanged" -> out.println("nothing to change; secrets were read again");
            case "partly-applied", "failed" ->
                errors.println("sluice: not everything could be done; a reload tries the rest again");
            default -> errors.println("sluice: nothing was changed");
        }
    }

    private static List<?> lines(Map<String, Object> report, String key) {
        return report.get(key) instanceof List<?> list ? list : List.of();
    }
}
