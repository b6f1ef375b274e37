package io.sluice.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The packaged distribution as the build of the module deploy has left it. */
public final class Distribution {
    private Distribution() {}

    /** The program bin/sluice; the test fails when it has not been built. */
    public static Path launcher() {
        Path built = moduleDirectory().resolveSibling("deploy").resolve("target");
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(built)) {
            try (Stream<Path> files = Files.list(built)) {
                files.map(file -> file.resolve("bin/sluice"))
                        .filter(Files::isExecutable)
                        .forEach(found::add);
            } catch (IOException failure) {
                throw new AssertionError("cannot look into " + built, failure);
            }
        }
        if (found.size() != 1) {
            throw new AssertionError("expected one distribution in " + built + ", there is " + found
                    + "; build it: mvn -Dmaven.test.skip=true package -pl deploy -am");
        }
        return found.get(0);
    }

    /** The directory of the module integration-tests. */
    public static Path moduleDirectory() {
        String directory = System.getProperty("basedir", "");
        return Path.of(directory).toAbsolutePath().normalize();
    }
}
