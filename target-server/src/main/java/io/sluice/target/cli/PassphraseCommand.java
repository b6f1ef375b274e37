package io.sluice.target.cli;

import io.sluice.config.LunSettings;
import io.sluice.config.SecretSource;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.secret.CommandSecret;
import io.sluice.config.secret.EnvironmentSecret;
import io.sluice.config.secret.FileSecret;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice passphrase ...}. */
@Command(
        name = "passphrase",
        description = "Looks after the passphrases of volumes.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class PassphraseCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Where the new passphrase comes from. */
    static final class NewPassphrase {
        @Option(names = "--new-file", paramLabel = "FILE", description = "Read the new passphrase from a file.")
        private @Nullable Path file;

        @Option(names = "--new-env", paramLabel = "NAME", description = "Read it from an environment variable.")
        private @Nullable String variable;

        @Option(
                names = "--new-command",
                paramLabel = "COMMAND",
                description = "Read it from what a shell command prints within 10 s.")
        private @Nullable String command;

        SecretSource source() {
            if (file != null) {
                return new FileSecret(file.toAbsolutePath());
            }
            if (variable != null) {
                return new EnvironmentSecret(variable, System.getenv());
            }
            return new CommandSecret(List.of("sh", "-c", String.valueOf(command)));
        }
    }

    /** {@code sluice passphrase change}. */
    @Command(
            name = "change",
            description = {
                "Gives a volume a new passphrase. The present one comes from the LUN file, which must be changed afterwards.",
                "Only the wrapped key is written again; no data is encrypted anew. The volume must not be served."
            },
            mixinStandardHelpOptions = true)
    int change(
            @Mixin ConfigurationOption configuration,
            @Parameters(paramLabel = "VOLUME", description = "The volume's name in its LUN file.") String name,
            @ArgGroup(multiplicity = "1") NewPassphrase next) {
        SluiceConfiguration loaded = configuration.load(spec);
        LunSettings lun = configuration.lunOf(loaded, name);
        ServedVolumes.refuseWhenServed(loaded, lun, "change its passphrase");
        SecretSource source = next.source();
        Engine.run(volumes -> volumes.changePassphrase(lun.volume(), source));
        spec.commandLine()
                .getOut()
                .println("the passphrase of volume " + name + " is now that of " + source.describe() + "; change "
                        + lun.file() + " accordingly before the next start");
        return ExitStatus.OK;
    }
}
