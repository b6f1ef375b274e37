package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sluice.config.ConfigurationMistake;
import io.sluice.config.ConfigurationResult;
import io.sluice.config.SluiceConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes configuration files into a directory and loads them. */
final class ConfigurationFolder {
    /** A LUN file without mistakes, four lines long. */
    static final String GOOD_LUN = """
            target = "iqn.2026-11.org.example:disk1"
            size = 1 GiB
            volume = disk1
            store = main
            """;

    /** What makes {@link #GOOD_LUN} complete, three lines long. */
    static final String GOOD_SERVER = """
            data-directory = data
            stores.main { type = file, directory = objects }
            defaults.encryption = none
            """;

    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();

    ConfigurationFolder(Path directory) {
        this.directory = directory;
    }

    ConfigurationFolder server(String text) {
        return file("sluice.conf", text);
    }

    ConfigurationFolder lun(String text) {
        return file("luns.d/a.conf", text);
    }

    /** The good server file and a good LUN file with {@code text} behind it, from its fifth line on. */
    ConfigurationFolder goodLunWith(String text) {
        return server(GOOD_SERVER).lun(GOOD_LUN + text);
    }

    ConfigurationFolder file(String name, String text) {
        try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.resolveSibling("."));
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    ConfigurationFolder variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    ConfigurationResult load() {
        return new ConfigurationLoader(environment).load(directory.resolve("sluice.conf"));
    }

    SluiceConfiguration configuration() {
        ConfigurationResult result = load();
        return assertInstanceOf(ConfigurationResult.Usable.class, result, result::toString)
                .configuration();
    }

    /** What the operator sees, with the directory left out. */
    List<String> mistakes() {
        ConfigurationResult result = load();
        ConfigurationResult.Unusable unusable = assertInstanceOf(ConfigurationResult.Unusable.class, result);
        return texts(unusable.mistakes());
    }

    List<String> warnings() {
        return texts(load().warnings());
    }

    private List<String> texts(List<ConfigurationMistake> mistakes) {
        return mistakes.stream()
                .map(mistake -> mistake.text().replace(directory.toString(), "DIR"))
                .toList();
    }
}
