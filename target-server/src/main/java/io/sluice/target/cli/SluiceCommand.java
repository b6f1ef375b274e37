package io.sluice.target.cli;

import java.io.PrintWriter;
import java.util.concurrent.CompletionException;
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
        },
        subcommands = {
            ConfigCommand.class,
            VolumeCommand.class,
            PassphraseCommand.class,
            StatusCommand.class,
            CommandLine.HelpCommand.class
        })
public final class SluiceCommand {
    private SluiceCommand() {}

    /** Runs one command line; {@code launcher} is what {@code serve} runs. The exit status. */
    public static int run(String[] arguments, ServerLauncher launcher) {
        return commandLine(launcher).execute(arguments);
    }

    /** With standard output and error; tests replace them. */
    static CommandLine commandLine(ServerLauncher launcher) {
        CommandLine line = new CommandLine(new SluiceCommand());
        line.addSubcommand(new ServeCommand(launcher));
        line.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
        line.setParameterExceptionHandler(SluiceCommand::usage);
        line.setExitCodeExceptionMapper(failure -> ExitStatus.FAILED);
        return line;
    }

    private static int usage(CommandLine.ParameterException mistake, String[] arguments) {
        CommandLine command = mistake.getCommandLine();
        PrintWriter errors = command.getErr();
        errors.println("sluice: " + mistake.getMessage());
        errors.println("Try \"" + command.getCommandSpec().qualifiedName() + " --help\".");
        return ExitStatus.USAGE;
    }

    private static int report(Exception failure, CommandLine command) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof CommandFailure known) {
            command.getErr().println("sluice: " + known.getMessage());
            return known.status();
        }
        command.getErr().println("sluice: " + (cause.getMessage() == null ? cause.toString() : cause.getMessage()));
        org.slf4j.LoggerFactory.getLogger(SluiceCommand.class).debug("the command failed", cause);
        return ExitStatus.FAILED;
    }
}
