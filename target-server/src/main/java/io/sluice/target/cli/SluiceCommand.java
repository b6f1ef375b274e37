package io.sluice.target.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code sluice} command line. */
@Command(
        name = "sluice",
        description = "An iSCSI target server backed by object storage.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:something failed; standard error says what",
            "2:the command line was wrong",
            "3:the configuration has mistakes"
        })
public final class SluiceCommand {
    private static final String SERVE = PlainServe.NAME;
    private static final List<Class<?>> COMMANDS_OF_A_MOMENT = List.of(
            ConfigCommand.class,
            VolumeCommand.class,
            PassphraseCommand.class,
            StatusCommand.class,
            ReloadCommand.class,
            DrainCommand.class,
            ScrubCommand.class,
            RestoreCommand.class,
            FsckCommand.class,
            CommandLine.HelpCommand.class);

    private SluiceCommand() {}

    /** Runs one command line; {@code launcher} is what {@code serve} runs. The exit status. */
    public static int run(String[] arguments, ServerLauncher launcher) {
        return commandLine(launcher, arguments).execute(arguments);
    }

    /**
     * What {@code arguments} are to be run with, on standard output and error; tests replace them. Looking at every command
     * takes picocli a tenth of a second, for which a host would wait: {@code serve} is alone.
     */
    static CommandLine commandLine(ServerLauncher launcher, String... arguments) {
        CommandLine line = new CommandLine(new SluiceCommand());
        boolean serves = arguments.length > 0 && arguments[0].equals(SERVE);
        if (!serves) {
            COMMANDS_OF_A_MOMENT.forEach(line::addSubcommand);
        }
        line.addSubcommand(new ServeCommand(launcher));
        giveVersions(line);
        line.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
        line.setParameterExceptionHandler(SluiceCommand::usage);
        line.setExitCodeExceptionMapper(failure -> ExitStatus.FAILED);
        return line;
    }

    /** {@code --version} answers behind every command. */
    private static void giveVersions(CommandLine line) {
        line.getCommandSpec().versionProvider(new VersionProvider());
        line.getSubcommands().values().forEach(SluiceCommand::giveVersions);
    }

    private static int usage(CommandLine.ParameterException mistake, String[] arguments) {
        CommandLine command = mistake.getCommandLine();
        PrintWriter errors = command.getErr();
        errors.println("sluice: " + mistake.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(mistake, errors);
        errors.println("Try \"" + command.getCommandSpec().qualifiedName() + " --help\".");
        return ExitStatus.USAGE;
    }

    private static int report(Exception failure, CommandLine command) {
        return FailureReport.tell(failure, command.getCommandSpec().qualifiedName(), command.getErr());
    }
}
