package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.inspection.BlockDamage;
import io.sluice.storage.inspection.DamagedBlocksException;
import io.sluice.storage.inspection.ImageRestore;
import io.sluice.storage.inspection.RestoreOptions;
import io.sluice.storage.inspection.RestoreReport;
import io.sluice.storage.inspection.RestoreTarget;
import io.sluice.storage.inspection.ViewedPoint;
import io.sluice.storage.manifest.Manifest;
import io.sluice.target.admin.Json;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice restore}. */
@Command(
        name = "restore",
        description = {
            "Writes a volume from its bucket into a raw image, without a server and without the local cache.",
            "Needs the bucket and the passphrase alone. A gateway may go on meanwhile; nothing in the bucket is changed.",
            "The image is one point of the volume's history. What a gateway has in its journal and not yet in the bucket"
                    + " (see \"sluice drain\") is not in it."
        },
        mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {
    private static final long CACHE_BYTES = 64L << 20;
    private static final int DAMAGED_SHOWN_MAX = 100;

    @Mixin
    private VolumeSource source = new VolumeSource();

    @Parameters(paramLabel = "VOLUME", description = "Name of the volume.")
    private String volume = "";

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FILE|-",
            description = "The image: a file, which becomes sparse, a device, or - for standard output.")
    private String to = "";

    @Option(names = "--resume", description = "Go on with the image that an interrupted restore left.")
    private boolean resume;

    @Option(names = "--force", description = "Overwrite what is there.")
    private boolean force;

    @Option(
            names = "--skip-damaged",
            description = "Where blocks cannot be read, leave zeros and list them, instead of stopping.")
    private boolean skipDamaged;

    @Option(
            names = "--manifest",
            paramLabel = "NUMBER",
            description = "An older state: of this manifest, as long as it is kept (default: the newest).")
    private @Nullable Long manifest;

    @Option(
            names = "--at-checkpoint",
            description = "Leave out the segments behind the checkpoint: when one of them is damaged.")
    private boolean atCheckpoint;

    @Option(names = "--json", description = "Report as JSON.")
    private boolean json;

    @Option(names = "--quiet", description = "Do not say how far it is.")
    private boolean quiet;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final OutputStream standardOutput;

    RestoreCommand() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    /** With a standard output for tests. */
    RestoreCommand(OutputStream standardOutput) {
        this.standardOutput = standardOutput;
    }

    @Override
    public Integer call() throws IOException {
        checkOptions();
        VolumeSource.Found found = source.find(spec, volume);
        boolean stream = to.equals("-");
        PrintWriter errors = spec.commandLine().getErr();
        RestoreReport report;
        if (stream) {
            report = restore(found, new ImageStream(standardOutput));
        } else {
            report = toPath(found, Path.of(to));
        }
        tell(report, stream ? errors : spec.commandLine().getOut());
        return report.damaged().isEmpty() ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private void checkOptions() {
        if (resume && (force || to.equals("-"))) {
            throw new CommandFailure(
                    ExitStatus.USAGE, "--resume goes on with a file; it does not go with --force or -");
        }
        if (manifest != null && manifest < 1) {
            throw new CommandFailure(ExitStatus.USAGE, "--manifest is a number from 1 on");
        }
    }

    private RestoreReport toPath(VolumeSource.Found found, Path path) throws IOException {
        boolean exists = Files.exists(path);
        if (resume && !(exists && Files.exists(RestoreState.pathFor(path)))) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "there is no interrupted restore into " + path + ": " + path + " or " + RestoreState.pathFor(path)
                            + " is missing");
        }
        if (exists && !resume && !force) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    path + " exists and was not touched; "
                            + (Files.exists(RestoreState.pathFor(path))
                                    ? "add --resume to go on with the restore that was interrupted, or --force to begin"
                                            + " anew"
                                    : "choose another name, or add --force to overwrite it"));
        }
        if (Files.isDirectory(path)) {
            throw new CommandFailure(ExitStatus.FAILED, path + " is a directory; give the name of a file");
        }
        if (exists && !Files.isRegularFile(path)) {
            try (FileOutputStream device = new FileOutputStream(path.toFile())) {
                RestoreReport report = restore(found, new ImageStream(device));
                sync(device);
                return report;
            }
        }
        try (ImageFile image = resume ? ImageFile.resume(path) : ImageFile.create(path)) {
            return restore(found, image);
        }
    }

    /** Character devices and pipes have nothing to be synced. */
    private void sync(FileOutputStream device) {
        try {
            device.getFD().sync();
        } catch (IOException notSyncable) {
            org.slf4j.LoggerFactory.getLogger(RestoreCommand.class).debug("{} is not synced", to, notSyncable);
        }
    }

    private RestoreReport restore(VolumeSource.Found found, RestoreTarget target) throws IOException {
        RestoreOptions options = new RestoreOptions(
                new ViewedPoint(manifest == null ? OptionalLong.empty() : OptionalLong.of(manifest), atCheckpoint),
                skipDamaged,
                source.requests(),
                CACHE_BYTES);
        ProgressLine progress = new ProgressLine(spec.commandLine().getErr(), quiet);
        try {
            return source.look(
                    found,
                    access -> new ImageRestore(
                                    access,
                                    options,
                                    target,
                                    (done, all, bytes) -> progress.say(() -> "restore: "
                                            + (all == 0 ? 100 : done * 100 / all) + " % of the volume looked at, "
                                            + new ByteSize(bytes) + " written"))
                            .run());
        } catch (CompletionException failure) {
            throw explain(FailureText.unwrap(failure));
        }
    }

    private CommandFailure explain(Throwable failure) {
        if (FailureText.isOurMistake(failure)) {
            throw new CompletionException(failure);
        }
        String more = "";
        if (failure instanceof DamagedBlocksException) {
            more = "; add --skip-damaged to restore all others, and see all damage with \"sluice fsck\"";
        }
        if (!to.equals("-") && Files.exists(RestoreState.pathFor(Path.of(to)))) {
            more += "; what was restored is kept in " + to + ": go on with --resume";
        }
        return new CommandFailure(ExitStatus.FAILED, FailureText.of(failure) + more);
    }

    private void tell(RestoreReport report, PrintWriter out) {
        if (json) {
            out.println(Json.pretty(asMap(report)));
            return;
        }
        Manifest of = report.manifest();
        Table table = new Table();
        table.row("volume", of.name() + ", " + new ByteSize(of.sizeBytes()));
        table.row("image", to);
        table.row(
                "state",
                "sequence " + report.sequence() + ", epoch " + report.epoch() + ", segment " + report.lastSegment()
                        + ", manifest " + of.number());
        table.row(
                "newest write",
                report.newestWriteMillis() == 0
                        ? "not known"
                        : Instant.ofEpochMilli(report.newestWriteMillis()).toString());
        table.row("not in it", notInIt(of));
        table.row("written", new ByteSize(report.bytesWritten()) + " of data; the rest reads as zeros");
        if (report.bytesThere() > 0) {
            table.row("kept", new ByteSize(report.bytesThere()) + " that were there already");
        }
        table.row("read", new ByteSize(report.bytesRead()) + " in " + report.requests() + " requests");
        if (report.passes() > 1) {
            table.row("passes", report.passes() + ", because a gateway went on");
        }
        table.row(
                "damaged",
                damagedBytes(report) == 0 ? "nothing" : new ByteSize(damagedBytes(report)) + ", left as zeros");
        table.print(out);
        List<BlockDamage> damaged = report.damaged();
        for (BlockDamage damage : damaged.subList(0, Math.min(DAMAGED_SHOWN_MAX, damaged.size()))) {
            out.println("  bytes " + (damage.firstBlock() << BlockGeometry.BLOCK_SHIFT) + " to "
                    + ((damage.endBlock() << BlockGeometry.BLOCK_SHIFT) - 1) + " (" + lbas(damage, of) + "): "
                    + damage.object() + ": " + damage.reason());
        }
        if (damaged.size() > DAMAGED_SHOWN_MAX) {
            out.println("  and " + (damaged.size() - DAMAGED_SHOWN_MAX) + " more ranges; --json lists them all");
        }
    }

    private static String notInIt(Manifest manifest) {
        return manifest.clean()
                ? "nothing: the volume was closed with everything in the bucket"
                : "what a gateway has in its journal alone: epoch " + manifest.epoch() + " was not closed";
    }

    private static String lbas(BlockDamage damage, Manifest manifest) {
        long perBlock = BlockGeometry.BLOCK_BYTES / manifest.logicalBlockBytes();
        return "LBA " + damage.firstBlock() * perBlock + " to " + (damage.endBlock() * perBlock - 1);
    }

    private static long damagedBytes(RestoreReport report) {
        return report.damaged().stream().mapToLong(BlockDamage::count).sum() << BlockGeometry.BLOCK_SHIFT;
    }

    private Map<String, Object> asMap(RestoreReport report) {
        Manifest of = report.manifest();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("volume", of.name());
        map.put("identity", of.volume().toString());
        map.put("image", to);
        map.put("size-bytes", of.sizeBytes());
        map.put("manifest", of.number());
        map.put("epoch", report.epoch());
        map.put("segment", report.lastSegment());
        map.put("sequence", report.sequence());
        map.put("newest-write-millis", report.newestWriteMillis());
        map.put("closed-cleanly", of.clean());
        map.put("bytes-written", report.bytesWritten());
        map.put("bytes-kept", report.bytesThere());
        map.put("bytes-read", report.bytesRead());
        map.put("requests", report.requests());
        map.put("passes", report.passes());
        map.put("damaged-bytes", damagedBytes(report));
        map.put(
                "damaged",
                report.damaged().stream()
                        .map(damage -> Map.<String, Object>of(
                                "offset-bytes",
                                damage.firstBlock() << BlockGeometry.BLOCK_SHIFT,
                                "length-bytes",
                                damage.count() << BlockGeometry.BLOCK_SHIFT,
                                "object",
                                damage.object(),
                                "reason",
                                damage.reason()))
                        .toList());
        return map;
    }
}
