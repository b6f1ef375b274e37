package io.sluice.target.cli;

import io.sluice.config.ConfigurationMistake;
import io.sluice.config.ConfigurationResult;
import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.target.access.AccessText;
import io.sluice.target.admin.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice config ...}. */
@Command(
        name = "config",
        description = "Looks at the configuration.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ConfigCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** {@code sluice config check}: every mistake of all files in one run. */
    @Command(
            name = "check",
            description = "Reads all configuration files and tells every mistake, without starting anything.",
            mixinStandardHelpOptions = true)
    int check(
            @Mixin ConfigurationOption configuration,
            @Option(names = "--json", description = "Answer as JSON.") boolean json) {
        ConfigurationResult result = configuration.read();
        if (json) {
            spec.commandLine().getOut().println(Json.pretty(asMap(result)));
            return result instanceof ConfigurationResult.Usable ? ExitStatus.OK : ExitStatus.CONFIGURATION;
        }
        SluiceConfiguration usable = configuration.load(spec);
        spec.commandLine()
                .getOut()
                .println(configuration.file() + ": no mistakes; "
                        + counted(usable.luns().size(), "LUN") + " in "
                        + counted(usable.targetNames().size(), "target"));
        for (LunSettings lun : usable.luns()) {
            spec.commandLine()
                    .getOut()
                    .println("  " + lun.targetName() + " LUN " + lun.lun() + ": volume "
                            + lun.volume().name() + ", " + lun.size());
        }
        printAccess(usable);
        return ExitStatus.OK;
    }

    /** Who may log in, so that an open target is seen before it is served. */
    private void printAccess(SluiceConfiguration usable) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("who may log in:");
        for (String name : usable.targetNames()) {
            out.println("  " + name + ": " + AccessText.of(usable.server().target(name)));
        }
        out.println("  discovery: " + AccessText.of(usable.server().discovery()));
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static Map<String, ?> asMap(ConfigurationResult result) {
        List<ConfigurationMistake> mistakes =
                result instanceof ConfigurationResult.Unusable unusable ? unusable.mistakes() : List.of();
        return Map.of(
                "mistakes", mistakes.stream().map(ConfigCommand::asMap).toList(),
                "warnings", result.warnings().stream().map(ConfigCommand::asMap).toList());
    }

    private static Map<String, ?> asMap(ConfigurationMistake mistake) {
        return Map.of(
                "file", mistake.file().toString(),
                "line", mistake.line(),
                "path", mistake.path(),
                "what", mistake.what(),
                "whatToWriteInstead", mistake.whatToWriteInstead());
    }
}
