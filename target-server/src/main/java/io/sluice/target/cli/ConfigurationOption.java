package io.sluice.target.cli;

import io.sluice.config.ConfigurationMistake;
import io.sluice.config.ConfigurationResult;
import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.load.ConfigurationLoader;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code --config}, for every command that needs the configuration. */
final class ConfigurationOption {
    /** What is read when nobody says another one. */
    static final String DEFAULT_FILE = "/etc/sluice/sluice.conf";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = DEFAULT_FILE,
            description = "The server's configuration file (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of(DEFAULT_FILE);

    Path file() {
        return file;
    }

    /** What the files say, mistakes and all. */
    ConfigurationResult read() {
        return new ConfigurationLoader().load(file);
    }

    /** The configuration; all mistakes go to standard error, and the command fails, when there are any. */
    SluiceConfiguration load(CommandSpec command) {
        return load(file, command.commandLine().getErr());
    }

    /** The same without a command line that was parsed. */
    static SluiceConfiguration load(Path file, PrintWriter errors) {
        ConfigurationResult result = new ConfigurationLoader().load(file);
        for (ConfigurationMistake warning : result.warnings()) {
            errors.println("warning: " + warning.text());
        }
        if (result instanceof ConfigurationResult.Usable usable) {
            return usable.configuration();
        }
        ConfigurationResult.Unusable unusable = (ConfigurationResult.Unusable) result;
        unusable.mistakes().forEach(mistake -> errors.println(mistake.text()));
        int count = unusable.mistakes().size();
        throw new CommandFailure(
                ExitStatus.CONFIGURATION, "the configuration has " + count + (count == 1 ? " mistake" : " mistakes"));
    }

    /** The LUN whose volume is called {@code name}. */
    LunSettings lunOf(CommandSpec command, String name) {
        return lunOf(load(command), name);
    }

    /** The same in a configuration that was loaded. */
    LunSettings lunOf(SluiceConfiguration configuration, String name) {
        return configuration.luns().stream()
                .filter(lun -> lun.volume().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.FAILED,
                        "no LUN file of " + file + " names a volume \"" + name + "\"; "
                                + (configuration.luns().isEmpty() ? "there is none in its luns.d" : "they name ")
                                + String.join(
                                        ", ",
                                        configuration.luns().stream()
                                                .map(lun -> lun.volume().name())
                                                .toList())));
    }
}
