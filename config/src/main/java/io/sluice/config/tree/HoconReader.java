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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one HOCON file with its includes, and resolves its substitutions within itself and then in the environment.
 * The library's own messages quote the text around an error, which may be a secret: they are never passed on whole.
 */
public final class HoconReader {
    private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\{[^}\"\\n]{1,80}}");

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
                    ConfigParseOptions.defaults()
                            .setSyntax(ConfigSyntax.CONF)
                            .setAllowMissing(false)
                            .setIncluder(new FileIncluder(file)));
            return Optional.of(new TreeBuilder(log).root(resolved(parsed), whole));
        } catch (ConfigException.UnresolvedSubstitution e) {
            log.mistake(place(e, whole), "", cycle(e), "let no substitution lead back to itself");
        } catch (FileIncluder.IncludeRefusedException e) {
            String included = "include " + ShownText.quoted(e.included());
            log.mistake(
                    lineOf(file, e.included()),
                    "",
                    included + ": " + e.refusal().what(),
                    e.refusal().instead());
        } catch (ConfigException e) {
            log.mistake(
                    place(e, whole),
                    "",
                    "not HOCON: " + HoconComplaint.translate(String.valueOf(e.getMessage())),
                    "check quotes, braces and commas here");
        }
        return Optional.empty();
    }

    /** Where a file includes something, which the library does not tell; no line when another file does it. */
    private static Place lineOf(Path file, String included) {
        try {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).contains("include") && lines.get(i).contains(included)) {
                    return new Place(file, i + 1);
                }
            }
        } catch (IOException e) {
            return new Place(file, 0); // it was readable a moment ago; the line is a service only
        }
        return new Place(file, 0);
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
}
