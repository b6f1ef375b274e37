package io.sluice.target.cli;

import io.sluice.config.LunSettings;
import io.sluice.storage.recovery.OperatorWord;
import io.sluice.storage.recovery.VolumeOpener;
import io.sluice.target.admin.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * A command that shows what stands in the way of opening a volume and, when the operator wants it, leaves the word for the
 * next opening in the cache directory. The bucket is only read.
 */
abstract class OperatorWordCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Parameters(paramLabel = "VOLUME", description = "The volume's name in its LUN file.")
    private String name = "";

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--json", description = "Answer as JSON. Without --yes only the report: nothing is allowed then.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final OperatorWord.Kind kind;
    private final String doing;

    OperatorWordCommand(OperatorWord.Kind kind, String doing) {
        this.kind = kind;
        this.doing = doing;
    }

    /** What stands in the way that this command can allow. */
    abstract Optional<Report> report(VolumeOpener.Obstacles obstacles);

    /** What the operator is shown: sentences for people, figures for programs. */
    record Report(List<String> sentences, Map<String, Object> figures) {}

    @Override
    public Integer call() throws IOException {
        LunSettings lun = configuration.lunOf(spec, name);
        requireOwnUser(lun.volume().cacheDirectory());
        VolumeOpener.Obstacles obstacles = Engine.run(volumes -> volumes.obstacles(lun.volume()));
        Optional<Report> report = report(obstacles);
        if (report.isEmpty()) {
            tell(Map.of(), false, "nothing has to be allowed: volume " + name + " can be opened without this word");
            return ExitStatus.OK;
        }
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            report.get().sentences().forEach(out::println);
            out.flush();
        }
        if (!yes && (json || !isConfirmed(out))) {
            tell(report.get().figures(), false, "nothing was changed");
            return json ? ExitStatus.OK : ExitStatus.FAILED;
        }
        Engine.run(volumes -> volumes.allow(lun.volume(), OperatorWord.of(kind, obstacles.newest())));
        tell(
                report.get().figures(),
                true,
                "the next opening from " + lun.volume().cacheDirectory() + " will " + doing + " volume " + name
                        + ", once: now \"sluice reload\", or start the server");
        return ExitStatus.OK;
    }

    private void tell(Map<String, Object> figures, boolean allowed, String text) {
        if (json) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("volume", name);
            answer.put("needed", !figures.isEmpty());
            answer.put("allowed", allowed);
            answer.putAll(figures);
            spec.commandLine().getOut().println(Json.pretty(answer));
        } else {
            spec.commandLine().getOut().println(text);
        }
    }

    private boolean isConfirmed(PrintWriter out) throws IOException {
        out.print("Type the volume's name to " + doing + " it: ");
        out.flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        if (answer == null) {
            out.println();
            out.println("(no answer on standard input; add --yes to go on without one)");
        }
        return answer != null && answer.strip().equals(name);
    }

    /** What another user leaves in the cache directory, the server may not be able to use. */
    private static void requireOwnUser(Path cacheDirectory) throws IOException {
        Path existing = nearestExisting(cacheDirectory.toAbsolutePath());
        String me = System.getProperty("user.name");
        if (existing == null) {
            return;
        }
        String owner = Files.getOwner(existing).getName();
        if (!owner.equals(me)) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    existing + " belongs to user " + owner + ", and you are " + me
                            + ": run this command as the server's user, who has to use what it writes: sudo -u " + owner
                            + " sluice ...");
        }
    }

    private static @Nullable Path nearestExisting(Path path) {
        Path at = path;
        while (at != null && !Files.exists(at)) {
            at = at.getParent();
        }
        return at;
    }
}
