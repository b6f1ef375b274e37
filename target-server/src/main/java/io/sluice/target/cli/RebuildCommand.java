package io.sluice.target.cli;

import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.storage.rebuild.RebuildOptions;
import io.sluice.storage.rebuild.RebuildReport;
import io.sluice.target.admin.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice volume rebuild}. */
@Command(
        name = "rebuild",
        description = {
            "Makes index and manifest of a volume anew, from its segments alone: when manifests or checkpoints were lost or"
                    + " damaged.",
            "Shows what it found, and asks before it writes. Deletes nothing. The volume must not be served."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:rebuilt; with --dry-run: it could be, without loss",
            "1:not rebuilt; the report or standard error says why",
            "2:the command line was wrong",
            "3:the configuration has mistakes"
        })
final class RebuildCommand implements Callable<Integer> {

    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Parameters(paramLabel = "VOLUME", description = "The volume's name in its LUN file.")
    private String volume = "";

    @Option(names = "--dry-run", description = "Only look and report.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Do not ask before writing.")
    private boolean yes;

    @Option(
            names = "--force",
            description = "Also when the newest manifest is sound and says that a gateway has the volume open.")
    private boolean force;

    @Option(
            names = "--accept-loss",
            description = "Also when segments cannot be read; the report names what is lost, as far as it is known.")
    private boolean acceptLoss;

    @Option(
            names = "--tail",
            paramLabel = "cut|keep",
            defaultValue = "ask",
            description =
                    "When a segment is missing among the newest ones and nothing tells why: cut, when a gateway died"
                            + " while it was sending; keep, when it was stopped in order.")
    private String tail = "ask";

    @Option(names = "--json", description = "The report as JSON; needs --yes or --dry-run.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        RebuildOptions options = new RebuildOptions(dryRun, force, acceptLoss, tail());
        if (json && !yes && !dryRun) {
            throw new CommandFailure(ExitStatus.USAGE, "--json cannot ask: add --yes or --dry-run");
        }
        SluiceConfiguration loaded = configuration.load(spec);
        LunSettings lun = configuration.lunOf(loaded, volume);
        ServedVolumes.refuseWhenServed(loaded, lun, "rebuild it");
        PrintWriter errors = spec.commandLine().getErr();
        RebuildReport report = Engine.run(volumes ->
                volumes.rebuild(lun.volume(), options, this::approve, said -> errors.println(said + " ...")));
        return tell(report);
    }

    private RebuildOptions.Tail tail() {
        return switch (tail) {
            case "ask" -> RebuildOptions.Tail.ASK;
            case "cut" -> RebuildOptions.Tail.CUT;
            case "keep" -> RebuildOptions.Tail.KEEP;
            default ->
                throw new CommandFailure(ExitStatus.USAGE, "--tail is \"cut\" or \"keep\", not \"" + tail + "\"");
        };
    }

    /** On a thread of the engine, while the command waits. */
    private boolean approve(RebuildReport report) {
        if (yes) {
            return true;
        }
        PrintWriter errors = spec.commandLine().getErr();
        RebuildText.print(report, errors);
        errors.print("write the new index and manifest of volume " + volume + "? (yes/no) ");
        errors.flush();
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String answer = in.readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).equals("yes");
        } catch (IOException failure) {
            errors.println("sluice: no answer: " + FailureText.of(failure));
            return false;
        }
    }

    private int tell(RebuildReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.pretty(RebuildText.fields(report)));
        } else {
            RebuildText.print(report, out);
        }
        boolean written = report.written().manifest() > 0;
        if (written || (dryRun && report.refusals().isEmpty() && report.losses().isEmpty())) {
            return ExitStatus.OK;
        }
        if (report.refusals().isEmpty() && !dryRun) {
            spec.commandLine().getErr().println("sluice: nothing was written");
        }
        return ExitStatus.FAILED;
    }
}
