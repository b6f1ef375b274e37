package io.sluice.config.tree;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigParseable;
import java.io.File;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Includes files only, always relative to the file that includes them (the library takes {@code file("x")} relative to
 * the working directory), and never fetches anything from the network or the class path.
 */
final class FileIncluder implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private static final String SUFFIX = ".conf";

    /** Why an include cannot be done, and what to do about it. */
    enum Refusal {
        MISSING("an included file is not there or cannot be read", "write that file, or remove the include"),
        NO_FILE("only files can be included", "write include \"file.conf\""),
        CIRCLE("files include each other in a circle", "remove one of the includes");

        private final String what;
        private final String instead;

        Refusal(String what, String instead) {
            this.what = what;
            this.instead = instead;
        }

        String what() {
            return what;
        }

        String instead() {
            return instead;
        }
    }

    /** An include that cannot be done. */
    static final class IncludeRefusedException extends ConfigException {
        private static final long serialVersionUID = 1L;

        private final String included;
        private final Refusal refusal;

        private IncludeRefusedException(String included, Refusal refusal) {
            super("include refused");
            this.included = included;
            this.refusal = refusal;
        }

        /** As the including file names it. */
        String included() {
            return included;
        }

        Refusal refusal() {
            return refusal;
        }
    }

    /** The file that is read, and those that it is just including, each by the one before it. */
    private final Set<Path> open = new HashSet<>();

    FileIncluder(Path file) {
        open.add(file.toAbsolutePath().normalize());
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        if (what.contains("://")) {
            throw new IncludeRefusedException(what, Refusal.NO_FILE);
        }
        return includeFile(context, new File(what));
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
        Path file = directory(context).resolve(what.toPath());
        if (!Files.exists(file) && !what.getName().contains(".")) {
            file = file.resolveSibling(what.getName() + SUFFIX);
        }
        if (Files.isRegularFile(file) && Files.isReadable(file)) {
            return parse(context, what, file.toAbsolutePath().normalize());
        }
        if (Files.exists(file) || !context.parseOptions().getAllowMissing()) {
            throw new IncludeRefusedException(what.getPath(), Refusal.MISSING);
        }
        return ConfigFactory.empty().root();
    }

    private ConfigObject parse(ConfigIncludeContext context, File what, Path file) {
        if (!open.add(file)) {
            throw new IncludeRefusedException(what.getPath(), Refusal.CIRCLE);
        }
        try {
            ConfigParseOptions options = context.parseOptions().setSyntax(null).setOriginDescription(null);
            return ConfigFactory.parseFile(file.toFile(), options).root();
        } finally {
            open.remove(file);
        }
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
        throw new IncludeRefusedException(what.toString(), Refusal.NO_FILE);
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
        throw new IncludeRefusedException(what, Refusal.NO_FILE);
    }

    /** That of the including file: the library tells it only as the place of a neighbour that exists. */
    private static Path directory(ConfigIncludeContext context) {
        ConfigParseable neighbour = context.relativeTo(".");
        String directory = neighbour == null ? null : neighbour.origin().filename();
        return Path.of(directory == null ? "" : directory);
    }
}
