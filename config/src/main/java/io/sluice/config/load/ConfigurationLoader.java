package io.sluice.config.load;

import io.sluice.config.ConfigurationResult;
import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.schema.EditDistance;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.HoconReader;
import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.Node.Table;
import io.sluice.config.tree.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the server file and all LUN files. Everything that is wrong is found in one run. */
public final class ConfigurationLoader {
    private static final String LUN_FILE_SUFFIX = ".conf";
    private static final Comparator<LunSettings> LUN_ORDER =
            Comparator.comparing(LunSettings::targetName).thenComparingInt(LunSettings::lun);

    private final Map<String, String> environment;

    /** With the environment of this process. */
    public ConfigurationLoader() {
        this(System.getenv());
    }

    /** With an environment of its own. */
    public ConfigurationLoader(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** What the files say, or everything that is wrong with them. */
    public ConfigurationResult load(Path serverFile) {
        Path file = serverFile.toAbsolutePath().normalize();
        MistakeLog log = new MistakeLog(new Place(file, 0).resolve(Path.of("")));
        SecretReader secrets = new SecretReader(log, environment);
        StoreReader stores = new StoreReader(log, secrets);
        HoconReader hocon = new HoconReader(environment, log);
        ServerReader serverReader = new ServerReader(log, stores, new AccessReader(log, secrets));
        Optional<ServerDraft> server = hocon.read(file).map(serverReader::read);
        Optional<VolumeReader> volumes = server.map(draft -> volumeReader(log, secrets, stores, draft));
        volumes.ifPresent(reader -> reader.checkDefaults(server.get().values().section(VolumeSchema.DEFAULTS)));
        List<LunDraft> luns = new ArrayList<>();
        for (LunFile lun : readLunFiles(file, server, hocon, log)) {
            volumes.ifPresent(reader ->
                    luns.add(new LunReader(log, reader, server.get().defaults()).read(lun.file(), lun.root())));
        }
        new LunConflicts(log).check(luns);
        server.ifPresent(draft -> checkTargetsAreUsed(draft, luns, log));
        return result(server.map(ServerDraft::settings), luns, log);
    }

    private static VolumeReader volumeReader(
            MistakeLog log, SecretReader secrets, StoreReader stores, ServerDraft server) {
        StoreDirectory directory = new StoreDirectory(log, stores, server.stores());
        return new VolumeReader(log, secrets, directory, server.settings().dataDirectory());
    }

    private static ConfigurationResult result(Optional<ServerSettings> server, List<LunDraft> luns, MistakeLog log) {
        if (server.isEmpty() || !log.mistakes().isEmpty()) {
            return new ConfigurationResult.Unusable(log.mistakes(), log.warnings());
        }
        List<LunSettings> sorted =
                luns.stream().map(LunDraft::settings).sorted(LUN_ORDER).toList();
        return new ConfigurationResult.Usable(new SluiceConfiguration(server.get(), sorted), log.warnings());
    }

    private record LunFile(Path file, Table root) {}

    /** Also without a server file, for what can be said about LUN files alone. */
    private static List<LunFile> readLunFiles(
            Path serverFile, Optional<ServerDraft> server, HoconReader hocon, MistakeLog log) {
        Optional<Path> given = server.flatMap(draft -> draft.values().get(ServerSchema.LUNS));
        Path directory = given.orElse(new Place(serverFile, 0).resolve(Path.of("luns.d")));
        List<Path> files = List.of();
        try {
            files = lunFiles(directory);
        } catch (IOException e) {
            server.ifPresent(draft -> reportDirectory(draft.values(), directory, log));
        }
        List<LunFile> read = new ArrayList<>();
        for (Path file : files) {
            hocon.read(file).ifPresent(root -> read.add(new LunFile(file, root)));
        }
        if (files.isEmpty()) {
            server.ifPresent(draft -> log.warning(
                    draft.values().place(ServerSchema.LUNS),
                    ServerSchema.LUNS.name(),
                    "there is no LUN file in " + directory,
                    "write one, such as " + directory.resolve("disk1" + LUN_FILE_SUFFIX)));
        }
        return read;
    }

    private static void reportDirectory(SectionValues values, Path directory, MistakeLog log) {
        if (values.isGood(ServerSchema.LUNS) && (values.isGiven(ServerSchema.LUNS) || Files.exists(directory))) {
            log.mistake(
                    values.place(ServerSchema.LUNS),
                    ServerSchema.LUNS.name(),
                    "the directory " + directory + " is not there or cannot be read",
                    "make it, or give the path of another one");
        }
    }

    private static List<Path> lunFiles(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> {
                        String name = String.valueOf(entry.getFileName());
                        return name.endsWith(LUN_FILE_SUFFIX) && !name.startsWith(".");
                    })
                    .sorted()
                    .toList();
        }
    }

    private static void checkTargetsAreUsed(ServerDraft server, List<LunDraft> luns, MistakeLog log) {
        Set<String> used = luns.stream().map(lun -> lun.settings().targetName()).collect(Collectors.toSet());
        SectionValues targets = server.values().section(ServerSchema.TARGETS);
        for (String name : server.settings().targets().keySet()) {
            if (!used.contains(name)) {
                String instead = EditDistance.nearest(name, used)
                        .map(near -> "did you mean " + near + "?")
                        .orElse("write the name of a target that has LUNs, or remove it");
                log.mistake(targets.place(), targets.path(name), "no LUN file names this target", instead);
            }
        }
    }
}
