package io.sluice.target.cli;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.engine.VolumeDirectories;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.inspection.CheckFinding;
import io.sluice.storage.inspection.CheckOptions;
import io.sluice.storage.inspection.CheckReport;
import io.sluice.storage.inspection.VolumeCheck;
import io.sluice.storage.manifest.Manifest;
import io.sluice.target.admin.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice fsck}. */
@Command(
        name = "fsck",
        description = {
            "Checks the structure of a volume in its bucket: manifests, checkpoint, every segment's header and footer, and"
                    + " that each block of the mapping stands where it says. Changes nothing; a gateway may go on.",
            "It does not read the data itself: \"sluice scrub\" does."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:nothing was found",
            "1:something was found: errors or warnings",
            "2:it could not be checked; standard error says why"
        },
        mixinStandardHelpOptions = true)
final class FsckCommand implements Callable<Integer> {
    /** It could not be checked. */
    static final int NOT_CHECKED = 2;

    private static final Logger log = LoggerFactory.getLogger(FsckCommand.class);
    private static final int RANGES_SHOWN_MAX = 20;

    @Mixin
    private VolumeSource source = new VolumeSource();

    @Parameters(paramLabel = "VOLUME", description = "Name of the volume.")
    private String volume = "";

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "The volume's local cache directory (default: the configuration's, when no server uses it).")
    private @Nullable Path cache;

    @Option(names = "--no-cache", description = "Do not look at the local cache directory.")
    private boolean noCache;

    @Option(names = "--json", description = "Report as JSON.")
    private boolean json;

    @Option(names = "--quiet", description = "Do not say how far it is.")
    private boolean quiet;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try {
            CheckReport report = check(source.find(spec, volume));
            if (json) {
                spec.commandLine().getOut().println(Json.pretty(asMap(report)));
            } else {
                tell(report, spec.commandLine().getOut());
            }
            return report.isClean() ? ExitStatus.OK : ExitStatus.FAILED;
        } catch (IOException | RuntimeException failure) {
            Throwable cause = FailureText.unwrap(failure);
            if (FailureText.isOurMistake(cause)) {
                log.error("the check failed by a mistake in Sluice", cause);
            }
            throw new CommandFailure(
                    NOT_CHECKED, "volume \"" + volume + "\" was not checked: " + FailureText.of(cause));
        }
    }

    private CheckReport check(VolumeSource.Found found) throws IOException {
        Optional<Path> directory = cache == null ? found.cache() : Optional.of(cache);
        if (noCache || directory.isEmpty() || !Files.isDirectory(directory.get())) {
            if (cache != null && !noCache) {
                throw new IOException("there is no directory " + cache);
            }
            return check(found, Optional.empty());
        }
        LocalDisk disk;
        try {
            disk = VolumeSource.lock(directory.get());
        } catch (IOException inUse) {
            spec.commandLine().getErr().println("the cache directory is not looked at: " + FailureText.of(inUse));
            return check(found, Optional.empty());
        }
        try (disk) {
            boolean journal = Files.isDirectory(directory.get().resolve(VolumeDirectories.JOURNAL));
            return check(
                    found,
                    Optional.of(new CheckOptions.Cache(
                            disk,
                            journal ? Optional.of(disk.directory(VolumeDirectories.JOURNAL)) : Optional.empty())));
        }
    }

    private CheckReport check(VolumeSource.Found found, Optional<CheckOptions.Cache> local) throws IOException {
        CheckOptions options = new CheckOptions(source.requests(), CheckOptions.DEFAULT.framesBlocksMax(), local);
        ProgressLine progress = new ProgressLine(spec.commandLine().getErr(), quiet);
        return source.look(
                found,
                access -> new VolumeCheck(
                                access,
                                options,
                                (part, done, total) -> progress.say(
                                        () -> "fsck: " + part + (total == 0 ? "" : ", " + done + " of " + total)))
                        .run());
    }

    private void tell(CheckReport report, PrintWriter out) {
        if (report.manifest().isPresent()) {
            Manifest manifest = report.manifest().get();
            out.println("volume " + volume + " as of manifest " + manifest.number() + ", sequence " + report.sequence()
                    + ", epoch " + report.epoch()
                    + (manifest.clean() ? ", closed cleanly" : ", open or not closed cleanly"));
            out.println("looked at " + report.segments() + " segments, " + report.checkpointPages()
                    + " pages of the checkpoint, the places of " + report.mappedBlocks() + " blocks");
        }
        for (CheckFinding finding : report.findings()) {
            out.println(finding.kind().severity().name().toLowerCase(Locale.ROOT) + ": "
                    + finding.kind().code() + ": " + finding.object() + ": " + finding.text());
            tellBlocks(finding, report, out);
        }
        if (report.findingsLeftOut() > 0) {
            out.println("and " + report.findingsLeftOut() + " more of the same kinds");
        }
        out.println(
                report.isClean()
                        ? "no damage found"
                        : report.count(CheckFinding.Severity.ERROR) + " errors, "
                                + report.count(CheckFinding.Severity.WARNING) + " warnings");
    }

    private static void tellBlocks(CheckFinding finding, CheckReport report, PrintWriter out) {
        long perBlock = report.manifest()
                .map(manifest -> (long) BlockGeometry.BLOCK_BYTES / manifest.logicalBlockBytes())
                .orElse(1L);
        List<CheckFinding.Range> ranges = finding.blocks();
        for (CheckFinding.Range range : ranges.subList(0, Math.min(RANGES_SHOWN_MAX, ranges.size()))) {
            out.println("    LBA " + range.firstBlock() * perBlock + " to "
                    + ((range.firstBlock() + range.count()) * perBlock - 1) + " (" + range.count()
                    + " blocks of 4 KiB)");
        }
        if (ranges.size() > RANGES_SHOWN_MAX) {
            out.println("    and more: " + finding.blockCount() + " blocks of 4 KiB altogether");
        }
    }

    private Map<String, Object> asMap(CheckReport report) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("volume", volume);
        report.manifest().ifPresent(manifest -> {
            map.put("identity", manifest.volume().toString());
            map.put("manifest", manifest.number());
            map.put("checkpoint", manifest.checkpoint().number());
            map.put("closed-cleanly", manifest.clean());
            map.put("size-bytes", manifest.sizeBytes());
            map.put("logical-block-bytes", manifest.logicalBlockBytes());
        });
        map.put("epoch", report.epoch());
        map.put("segment", report.lastSegment());
        map.put("sequence", report.sequence());
        map.put("segments-checked", report.segments());
        map.put("checkpoint-pages-checked", report.checkpointPages());
        map.put("mapped-blocks", report.mappedBlocks());
        map.put("runs", report.runs());
        map.put("clean", report.isClean());
        map.put("errors", report.count(CheckFinding.Severity.ERROR));
        map.put("warnings", report.count(CheckFinding.Severity.WARNING));
        map.put("findings-left-out", report.findingsLeftOut());
        map.put("findings", report.findings().stream().map(FsckCommand::asMap).toList());
        return map;
    }

    private static Map<String, Object> asMap(CheckFinding finding) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("severity", finding.kind().severity().name().toLowerCase(Locale.ROOT));
        map.put("code", finding.kind().code());
        map.put("object", finding.object());
        map.put("text", finding.text());
        map.put("affected-bytes", finding.blockCount() << BlockGeometry.BLOCK_SHIFT);
        map.put(
                "affected",
                finding.blocks().stream()
                        .map(range -> Map.<String, Object>of(
                                "offset-bytes",
                                range.firstBlock() << BlockGeometry.BLOCK_SHIFT,
                                "length-bytes",
                                range.count() << BlockGeometry.BLOCK_SHIFT))
                        .toList());
        return map;
    }
}
