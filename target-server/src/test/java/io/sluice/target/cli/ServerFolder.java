package io.sluice.target.cli;

import io.sluice.config.ConfigurationResult;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.load.ConfigurationLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A directory with a server file, LUN files, a bucket directory and a passphrase, for tests of whole commands. */
public final class ServerFolder {
    /** Target of all LUNs. */
    public static final String TARGET = "iqn.2026-11.io.sluice.test:disks";

    /** What must never be shown. */
    public static final String PASSPHRASE = "correct-horse-battery-staple";

    private final Path directory;

    /** With the server file; {@code bucket} and {@code passphrase} are made. */
    public ServerFolder(Path directory) {
        this.directory = directory;
        portal("127.0.0.1:0");
        write("passphrase", PASSPHRASE + "\n");
        try {
            Files.createDirectories(directory.resolve("bucket"));
            Files.setPosixFilePermissions(
                    path("passphrase"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the server file. */
    public ServerFolder portal(String portal) {
        return write("sluice.conf", """
                portals = ["%s"]
                admin-socket = admin.sock
                data-directory = cache
                event-loops = 1
                stores.main { type = file, directory = bucket }
                defaults { store = main, encryption = none }
                """.formatted(portal));
    }

    /** A LUN of 1 MiB whose volume is called {@code volume}, with more lines. */
    public ServerFolder lun(int lun, String volume, String more) {
        return write("luns.d/" + volume + ".conf", """
                target = "%s"
                lun = %d
                volume = %s
                size = 1 MiB
                journal { capacity = 4 MiB, file-size = 1 MiB }
                read-cache.capacity = 16 MiB
                flush.segment-size = 1 MiB
                index.memory = 1 MiB
                """.formatted(TARGET, lun, volume) + more + "\n");
    }

    /** The line that encrypts with the passphrase file. */
    public static String encrypted() {
        return "encryption { passphrase { file = \"../passphrase\" } }";
    }

    /** Writes a file. */
    public ServerFolder write(String name, String text) {
        try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.resolveSibling("."));
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path(String name) {
        return directory.resolve(name);
    }

    public Path configurationFile() {
        return path("sluice.conf");
    }

    /** What the files say; they have no mistakes. */
    public SluiceConfiguration load() {
        ConfigurationResult result = new ConfigurationLoader().load(configurationFile());
        if (result instanceof ConfigurationResult.Usable usable) {
            return usable.configuration();
        }
        throw new IllegalStateException(String.valueOf(result));
    }

    /** The first row of a list of an answer. */
    public static Map<?, ?> firstRow(Map<String, Object> answer, String key) {
        if (answer.get(key) instanceof List<?> rows && rows.get(0) instanceof Map<?, ?> row) {
            return row;
        }
        throw new AssertionError("no rows " + key + " in " + answer);
    }

    /** Runs a command with this configuration file at its end. */
    public CommandRun run(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = configurationFile().toString();
        return CommandRun.of(all);
    }
}
