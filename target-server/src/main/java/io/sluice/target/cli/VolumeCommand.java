package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.StoreSettings;
import io.sluice.storage.engine.VolumeInfo;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.target.admin.Json;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice volume ...}. */
@Command(
        name = "volume",
        description = "Creates, lists, describes and deletes volumes in their stores; brings lost ones back.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {RebuildCommand.class, TakeOverCommand.class, AcceptRollbackCommand.class})
final class VolumeCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** {@code sluice volume create}. */
    @Command(
            name = "create",
            description = {
                "Creates the volume that a LUN file names: its identity, its key, its first manifest.",
                "Size and block size come from the LUN file. Nothing that exists is touched."
            },
            mixinStandardHelpOptions = true)
    int create(
            @Mixin ConfigurationOption configuration,
            @Parameters(paramLabel = "VOLUME", description = "The volume's name in its LUN file.") String name,
            @Option(names = "--if-absent", description = "Succeed without doing anything when the volume exists.")
                    boolean ifAbsent) {
        LunSettings lun = configuration.lunOf(spec, name);
        try {
            Manifest made = Engine.run(volumes -> volumes.create(lun.volume(), lun.size(), lun.logicalBlockBytes()));
            out().println("volume " + name + " created: " + new ByteSize(made.sizeBytes()) + ", "
                    + (made.encrypted() ? "encrypted" : "NOT encrypted") + ", identity " + made.volume());
            return ExitStatus.OK;
        } catch (CompletionException failure) {
            if (ifAbsent && FailureText.unwrap(failure) instanceof Volumes.VolumeExistsException) {
                out().println("volume " + name + " exists");
                return ExitStatus.OK;
            }
            throw failure;
        }
    }

    /** {@code sluice volume list}. */
    @Command(
            name = "list",
            description = "Lists the volumes in every store that the configuration uses.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin ConfigurationOption configuration,
            @Option(names = "--json", description = "Answer as JSON.") boolean json) {
        List<LunSettings> luns = configuration.load(spec).luns();
        Set<StoreSettings> stores = new LinkedHashSet<>();
        luns.forEach(lun -> stores.add(lun.volume().store()));
        List<Map<String, ?>> rows = new ArrayList<>();
        for (StoreSettings store : stores) {
            for (String name : Engine.run(volumes -> volumes.list(store))) {
                rows.add(row(store, name, luns));
            }
        }
        if (json) {
            out().println(Json.pretty(Map.of("volumes", rows)));
        } else if (rows.isEmpty()) {
            out().println("no volumes in "
                    + String.join(
                            ", ", stores.stream().map(VolumeCommand::storeName).toList())
                    + "; create one with \"sluice volume create\"");
        } else {
            Table table = new Table("VOLUME", "STORE", "LUN");
            rows.forEach(row -> table.row(row.get("volume"), row.get("store"), row.get("lun")));
            table.print(out());
        }
        return ExitStatus.OK;
    }

    private static Map<String, ?> row(StoreSettings store, String name, List<LunSettings> luns) {
        String lun = luns.stream()
                .filter(candidate -> candidate.volume().store().equals(store)
                        && candidate.volume().name().equals(name))
                .map(candidate -> candidate.targetName() + " LUN " + candidate.lun())
                .findFirst()
                .orElse("(not configured)");
        return Map.of("volume", name, "store", storeName(store), "lun", lun);
    }

    private static String storeName(StoreSettings store) {
        if (store instanceof StoreSettings.File file) {
            return file.directory().toString();
        }
        StoreSettings.S3 s3 = (StoreSettings.S3) store;
        return "s3://" + s3.bucket() + "/" + s3.prefix();
    }

    /** {@code sluice volume info}. */
    @Command(
            name = "info",
            description = "Says what the store holds of a volume. Needs no passphrase.",
            mixinStandardHelpOptions = true)
    int info(
            @Mixin ConfigurationOption configuration,
            @Parameters(paramLabel = "VOLUME", description = "The volume's name in its LUN file.") String name,
            @Option(names = "--json", description = "Answer as JSON.") boolean json) {
        LunSettings lun = configuration.lunOf(spec, name);
        Map<String, Object> facts = facts(Engine.run(volumes -> volumes.info(lun.volume())));
        if (json) {
            out().println(Json.pretty(facts));
        } else {
            Table table = new Table();
            facts.forEach(table::row);
            table.print(out());
        }
        return ExitStatus.OK;
    }

    private static Map<String, Object> facts(VolumeInfo info) {
        Manifest manifest = info.manifest();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("volume", manifest.name());
        facts.put("identity", manifest.volume().toString());
        facts.put("created", Instant.ofEpochMilli(manifest.createdMillis()).toString());
        facts.put("size-bytes", manifest.sizeBytes());
        facts.put("logical-block-bytes", manifest.logicalBlockBytes());
        facts.put("encrypted", manifest.encrypted());
        facts.put("serial-number", manifest.serialNumber());
        facts.put("epoch", manifest.epoch());
        facts.put("gateway", manifest.gateway().isEmpty() ? "-" : manifest.gateway());
        facts.put(
                "opened",
                manifest.openedMillis() == 0
                        ? "-"
                        : Instant.ofEpochMilli(manifest.openedMillis()).toString());
        facts.put("closed-cleanly", manifest.clean());
        facts.put("manifest", manifest.number());
        facts.put("checkpoint", manifest.checkpoint().number());
        facts.put("checkpoint-covers-segment", manifest.checkpoint().coversSegment());
        facts.put("checkpoint-sequence", manifest.checkpoint().sequence());
        facts.put("segments", info.segments());
        facts.put("segment-bytes", info.segmentBytes());
        facts.put("checkpoint-objects", info.checkpoints());
        facts.put("checkpoint-bytes", info.checkpointBytes());
        return facts;
    }

    /** {@code sluice volume delete}. */
    @Command(
            name = "delete",
            description = {
                "Deletes a volume and all its data from the store. There is no way back.",
                "Refuses while the volume is open or was not closed cleanly. What it keeps on the local disk stays there."
            },
            mixinStandardHelpOptions = true)
    int delete(
            @Mixin ConfigurationOption configuration,
            @Parameters(paramLabel = "VOLUME", description = "The volume's name in its LUN file.") String name,
            @Option(
                            names = "--confirm",
                            required = true,
                            paramLabel = "VOLUME",
                            description = "The volume's name once more.")
                    String confirmed,
            @Option(
                            names = "--even-if-open",
                            description =
                                    "Also when the store says that a server has it open: after a crash, for example.")
                    boolean evenIfOpen) {
        if (!confirmed.equals(name)) {
            throw new CommandFailure(
                    ExitStatus.USAGE,
                    "nothing was deleted: --confirm says \"" + confirmed + "\", the volume is called \"" + name + "\"");
        }
        SluiceConfiguration loaded = configuration.load(spec);
        LunSettings lun = configuration.lunOf(loaded, name);
        ServedVolumes.refuseWhenServed(loaded, lun, "delete it");
        if (!evenIfOpen) {
            refuseWhenOpen(lun);
        }
        PrintWriter errors = spec.commandLine().getErr();
        long gone = Engine.run(
                volumes -> volumes.delete(lun.volume(), count -> errors.println(count + " objects deleted")));
        if (gone == 0) {
            throw new CommandFailure(ExitStatus.FAILED, "there is no volume \"" + name + "\" and nothing left of one");
        }
        out().println("volume " + name + " deleted: " + gone + " objects; "
                + lun.volume().cacheDirectory() + " is of no use any more and may be removed");
        return ExitStatus.OK;
    }

    /** A volume whose deletion was interrupted has no manifest any more, and may be deleted further. */
    private static void refuseWhenOpen(LunSettings lun) {
        try {
            Manifest newest = Engine.run(volumes -> volumes.info(lun.volume())).manifest();
            if (!newest.clean()) {
                throw new CommandFailure(
                        ExitStatus.FAILED,
                        "nothing was deleted: volume \"" + lun.volume().name() + "\" is open in some server, or was not"
                                + " closed cleanly; stop that server, or add --even-if-open if there is none any more");
            }
        } catch (CompletionException failure) {
            if (!(FailureText.unwrap(failure) instanceof VolumeNotFoundException)) {
                throw failure;
            }
        }
    }
}
