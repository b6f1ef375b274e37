package io.sluice.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Where the build has put what the tests look at. */
final class Distribution {
    private Distribution() {}

    /** The unpacked distribution. */
    static Path home() {
        return Path.of(property("sluice.distribution"));
    }

    /** The top directory of the source tree. */
    static Path top() {
        return Path.of(property("sluice.top"));
    }

    static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name);
    }

    /** Names of the files in a directory of the distribution, sorted. */
    static List<String> namesIn(String directory) {
        try (Stream<Path> files = Files.list(home().resolve(directory))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
