package io.sluice.config.tree;

import java.nio.file.Path;

/**
 * Where a value stands.
 *
 * @param file that holds it; relative paths in the value are meant relative to this file's directory
 * @param line counted from 1; 0 when no line is known
 */
public record Place(Path file, int line) {
    /** {@code path} as written at this place, made absolute. */
    public Path resolve(Path path) {
        Path directory = file.toAbsolutePath().getParent();
        return (directory == null ? path.toAbsolutePath() : directory.resolve(path)).normalize();
    }
}
