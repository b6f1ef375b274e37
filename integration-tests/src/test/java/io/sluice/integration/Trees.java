package io.sluice.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Looks at directories with everything below them, and removes them. */
public final class Trees {
    private Trees() {}

    /** All regular files below a directory, or the file itself. */
    public static List<Path> files(Path top) throws IOException {
        try (Stream<Path> all = Files.walk(top)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    /** Bytes in all of them. */
    public static long bytes(Path top) throws IOException {
        long sum = 0;
        for (Path file : files(top)) {
            sum += Files.size(file);
        }
        return sum;
    }

    /** Removes a directory; it must be there, for a test that removes nothing proves nothing. */
    public static void delete(Path top) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(top)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
