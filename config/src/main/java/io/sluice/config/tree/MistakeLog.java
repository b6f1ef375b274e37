package io.sluice.config.tree;

import io.sluice.config.ConfigurationMistake;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Everything that is wrong, collected in one run. A value that is read more than once (a default that several LUNs
 * share) is reported once for each thing that is wrong with it.
 */
public final class MistakeLog {
    private static final Comparator<ConfigurationMistake> ORDER =
            Comparator.comparing(ConfigurationMistake::file).thenComparingInt(ConfigurationMistake::line);

    private final Path baseDirectory;
    private final List<ConfigurationMistake> mistakes = new ArrayList<>();
    private final List<ConfigurationMistake> warnings = new ArrayList<>();
    private final IdentityHashMap<Place, Set<String>> reported = new IdentityHashMap<>();

    /** Shows files below {@code baseDirectory} relative to it. */
    public MistakeLog(Path baseDirectory) {
        this.baseDirectory = baseDirectory.toAbsolutePath().normalize();
    }

    /** The configuration cannot be used because of this. */
    public void mistake(Place place, String path, String what, String instead) {
        if (isNew(place, path, what)) {
            mistakes.add(entry(place, path, what, instead));
        }
    }

    /** The configuration can be used, but somebody should look at this. */
    public void warning(Place place, String path, String what, String instead) {
        if (isNew(place, path, what)) {
            warnings.add(entry(place, path, what, instead));
        }
    }

    /** In the order of files and lines. */
    public List<ConfigurationMistake> mistakes() {
        return mistakes.stream().distinct().sorted(ORDER).toList();
    }

    /** In the order of files and lines. */
    public List<ConfigurationMistake> warnings() {
        return warnings.stream().distinct().sorted(ORDER).toList();
    }

    /** The same value has the path "defaults.x" in the server file and "x" in LUN files: only the last part counts. */
    private boolean isNew(Place place, String path, String what) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        return reported.computeIfAbsent(place, unused -> new HashSet<>()).add(name + ":" + what);
    }

    private ConfigurationMistake entry(Place place, String path, String what, String instead) {
        return new ConfigurationMistake(shown(place.file()), place.line(), path, what, instead);
    }

    /** The file as the operator knows it. */
    public Path shown(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return absolute.startsWith(baseDirectory) ? baseDirectory.relativize(absolute) : absolute;
    }
}
