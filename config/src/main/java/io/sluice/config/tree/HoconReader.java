package io.sluice.config.tree;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import io.sluice.config.tree.Node.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one HOCON file with its includes, and resolves its substitutions within itself and then in the environment.
 * The library's own messages quote the text around an error, which may be a secret: they are never passed on whole.
 */
public final class HoconReader {
    private static final Pattern QUOTED_PART = Pattern.compile("['\"(`]|, got |: got |, but |:");
    private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\{[^}\"]*}");
    private static final int MESSAGE_LENGTH_MIN = 12;

    private final Map<String, String> environment;
    private final MistakeLog log;

    public HoconReader(Map<String, String> environment, MistakeLog log) {
        this.environment = Map.copyOf(environment);
        this.log = log;
    }

    /** The file's root; empty when it cannot be read at all, which is then in the log. */
    public Optional<Table> read(Path file) {
        Place whole = new Place(file, 0);
        if (!Files.isRegularFile(file)) {
            log.mistake(whole, "", "there is no such file", "write the file, or give the path of another one");
            return Optional.empty();
        }
        if (!Files.isReadable(file)) {
            log.mistake(whole, "", "the file cannot be read", "let the user that runs Sluice read it");
            return Optional.empty();
        }
        try {
            Config parsed = ConfigFactory.parseFile(
                    file.toFile(),
                    ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false));
            return Optional.of(new TreeBuilder(log).root(resolved(parsed), whole));
        } catch (ConfigException.UnresolvedSubstitution e) {
            log.mistake(place(e, whole), "", cycle(e), "let no substitution lead back to itself");
        } catch (ConfigException.IO e) {
            log.mistake(
                    place(e, whole),
                    "",
                    "a file that is included as required cannot be read",
                    "write that file, or include it without required(...)");
        } catch (ConfigException e) {
            log.mistake(place(e, whole), "", "not HOCON: " + safePart(e), "check quotes, braces and commas here");
        }
        return Optional.empty();
    }

    /** The environment stands behind the file while it is resolved, and then leaves again. */
    private ConfigObject resolved(Config parsed) {
        Config variables =
                ConfigValueFactory.fromMap(environment, "environment").toConfig();
        ConfigResolveOptions options = ConfigResolveOptions.noSystem().setAllowUnresolved(true);
        ConfigObject resolved = parsed.withFallback(variables).resolve(options).root();
        for (String variable : environment.keySet()) {
            if (!parsed.root().containsKey(variable)) {
                resolved = resolved.withoutKey(variable);
            }
        }
        return resolved;
    }

    private static Place place(ConfigException exception, Place whole) {
        ConfigOrigin origin = exception.origin();
        return origin == null ? whole : TreeBuilder.place(origin, whole);
    }

    private static String cycle(ConfigException exception) {
        Matcher matcher = SUBSTITUTION.matcher(String.valueOf(exception.getMessage()));
        return matcher.find() ? matcher.group() + " cannot be resolved" : "a substitution cannot be resolved";
    }

    /** What the library says up to the first place where it could quote the file. */
    private static String safePart(ConfigException exception) {
        String message = String.valueOf(exception.getMessage());
        ConfigOrigin origin = exception.origin();
        if (origin != null && message.startsWith(origin.description())) {
            message = message.substring(origin.description().length());
        }
        message = message.replaceFirst("^[:\\s]+", "");
        Matcher matcher = QUOTED_PART.matcher(message);
        String safe = (matcher.find() ? message.substring(0, matcher.start()) : message).strip();
        return safe.length() < MESSAGE_LENGTH_MIN ? "unexpected text" : safe;
    }
}
