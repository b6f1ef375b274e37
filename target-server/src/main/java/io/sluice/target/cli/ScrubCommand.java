package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.storage.scrub.ScrubOptions;
import io.sluice.storage.scrub.ScrubReport;
import io.sluice.target.admin.AdminClient;
import io.sluice.target.admin.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice scrub}. */
@Command(
        name = "scrub",
        description = {
            "Reads every byte of a volume in its bucket and checks it: is everything there, is everything as it was written.",
            "When the running server has the volume open, the server does it, slowly and beside its hosts; this command"
                    + " shows how far it is, and may be interrupted without ending it. Else this command does it itself.",
            "An interrupted scrub goes on where it was."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every byte is as it was written",
            "1:something is damaged or missing; the report names it",
            "2:it could not be found out; standard error says why. Or: the command line was wrong",
            "3:the configuration has mistakes"
        })
final class ScrubCommand implements Callable<Integer> {
    private static final int DAMAGED = 1;
    private static final int COULD_NOT = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Parameters(paramLabel = "VOLUME", description = "Name of the volume, as its LUN file gives it.")
    private String volume = "";

    @Option(
            names = "--bandwidth",
            paramLabel = "SIZE",
            description = "Read at most so much per second, as \"64 MiB\"; \"none\" for no bound (default: 32 MiB in a"
                    + " server, no bound without one).")
    private @Nullable String bandwidth;

    @Option(names = "--from-start", description = "Forget an interrupted scrub instead of going on with it.")
    private boolean fromStart;

    @Option(
            names = "--state",
            paramLabel = "DIRECTORY",
            description = "Without a server: where to keep how far it is (default: beside the cache directory).")
    private @Nullable Path stateDirectory;

    /** What to ask of a server instead of a scrub. */
    static final class Question {
        @Option(names = "--status", description = "Only show how far the scrub in the server is, or what it found.")
        private boolean status;

        @Option(names = "--stop", description = "Stop the scrub in the server; the next one goes on there.")
        private boolean stop;

        @Option(names = "--background", description = "Start it in the server and do not wait.")
        private boolean background;

        private String words() {
            return stop ? "stop" : status ? "status" : "start";
        }
    }

    @ArgGroup
    private @Nullable Question question;

    @Option(names = "--json", description = "The report as JSON; progress goes to standard error.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        SluiceConfiguration loaded = configuration.load(spec);
        LunSettings lun = configuration.lunOf(loaded, volume);
        OptionalLong bytesPerSecond = bytesPerSecond();
        try {
            Path socket = loaded.server().adminSocket();
            return ServedVolumes.isServed(loaded, lun) ? inServer(socket, bytesPerSecond) : here(lun, bytesPerSecond);
        } catch (IOException | RuntimeException failure) {
            if (FailureText.isOurMistake(failure)) {
                throw failure instanceof RuntimeException ours ? ours : new IllegalStateException(failure);
            }
            throw new CommandFailure(COULD_NOT, "the scrub is not over: " + FailureText.of(failure));
        }
    }

    private OptionalLong bytesPerSecond() {
        if (bandwidth == null || bandwidth.equals("none")) {
            return OptionalLong.empty();
        }
        try {
            ByteSize size = ByteSize.parse(bandwidth);
            if (size.bytes() > 0) {
                return OptionalLong.of(size.bytes());
            }
        } catch (IllegalArgumentException notASize) {
            throw new CommandFailure(ExitStatus.USAGE, "--bandwidth: " + notASize.getMessage());
        }
        throw new CommandFailure(ExitStatus.USAGE, "--bandwidth: more than 0, or \"none\"");
    }

    private int here(LunSettings lun, OptionalLong bytesPerSecond) {
        if (question != null) {
            throw new CommandFailure(
                    COULD_NOT, "no running server of this configuration has volume \"" + volume + "\" open");
        }
        ScrubOptions options = ScrubOptions.OFFLINE.bandwidth(bytesPerSecond);
        ProgressLine line = new ProgressLine(errors(), false);
        ScrubReport report = Engine.run(volumes -> volumes.scrub(
                lun.volume(),
                fromStart ? options.anew() : options,
                state(lun),
                progress -> line.say(() -> ScrubText.progress(ScrubAnswers.of(progress)))));
        return tell(ScrubAnswers.of(volume, report));
    }

    private Path state(LunSettings lun) {
        Path cache = lun.volume().cacheDirectory();
        return stateDirectory == null ? cache.resolveSibling(cache.getFileName() + ".scrub") : stateDirectory;
    }

    private PrintWriter errors() {
        return spec.commandLine().getErr();
    }

    private int inServer(Path socket, OptionalLong bytesPerSecond) throws IOException, InterruptedException {
        Question asked = question == null ? new Question() : question;
        String speed =
                bandwidth == null ? "default" : bytesPerSecond.isPresent() ? "" + bytesPerSecond.getAsLong() : "none";
        String start = "start " + speed + (fromStart ? " anew" : " resume");
        String words = asked.words().equals("start") ? start : asked.words();
        Map<String, Object> answer = ask(socket, words);
        ProgressLine line = new ProgressLine(errors(), false);
        while (question == null && answer.get("state") instanceof String state && state.equals("running")) {
            Map<String, Object> latest = answer;
            line.say(() -> ScrubText.progress(latest));
            TimeUnit.SECONDS.sleep(1);
            answer = ask(socket, "status");
        }
        return conclude(answer, asked);
    }

    private Map<String, Object> ask(Path socket, String words) throws IOException {
        return AdminClient.ask(socket, "scrub " + volume + " " + words, PATIENCE);
    }

    private int conclude(Map<String, Object> answer, Question asked) {
        if (answer.get("report") instanceof Map<?, ?> report) {
            @SuppressWarnings("unchecked")
            Map<String, Object> fields = (Map<String, Object>) report;
            return tell(fields);
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean failed = "failed".equals(answer.get("state")) || question == null;
        if (failed) {
            throw new CommandFailure(
                    COULD_NOT, "the scrub is not over (" + answer.get("state") + "): " + answer.get("message"));
        }
        out.println(
                json
                        ? Json.pretty(answer)
                        : "volume " + volume + ": scrub " + answer.get("state")
                                + (asked.stop
                                        ? ", the next one goes on there: "
                                        : asked.background ? " in the server: " : ": ")
                                + ScrubText.progress(answer));
        return ExitStatus.OK;
    }

    private int tell(Map<String, Object> report) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.pretty(report));
        } else {
            ScrubText.report(report, out);
        }
        return Boolean.TRUE.equals(report.get("clean")) ? ExitStatus.OK : DAMAGED;
    }
}
