package io.sluice.config.tree;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.sluice.config.tree.Node.Scalar;
import io.sluice.config.tree.Node.Sequence;
import io.sluice.config.tree.Node.Table;
import io.sluice.config.tree.Node.Unusable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the library's values into our tree; values that could not be resolved are reported and become unusable. */
final class TreeBuilder {
    private static final Pattern NAME_OF_SOMETHING =
            Pattern.compile("\\$\\{\\??(?:[A-Z_][A-Z0-9_]*|[a-z][a-z-]*(?:\\.[a-z][a-z0-9-]*)+)}");
    private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\{\\??[^}\"\\n]{1,80}}");

    private final MistakeLog log;

    TreeBuilder(MistakeLog log) {
        this.log = log;
    }

    Table root(ConfigObject object, Place whole) {
        return table(object, whole, "");
    }

    private Table table(ConfigObject object, Place around, String path) {
        Place place = place(object.origin(), around);
        Map<String, Node> children = new LinkedHashMap<>();
        for (String key : new TreeSet<>(object.keySet())) {
            String childPath = (path.isEmpty() ? "" : path + ".") + ShownText.key(key);
            ConfigValue value = object.get(key);
            if (value != null) {
                node(value, place, childPath).ifPresent(node -> children.put(key, node));
            }
        }
        return new Table(inFileOrder(children), place);
    }

    private static Map<String, Node> inFileOrder(Map<String, Node> children) {
        Map<String, Node> sorted = new LinkedHashMap<>();
        children.entrySet().stream()
                .sorted(Comparator.comparingInt(
                        entry -> entry.getValue().place().line()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /** Empty for null, which means the same as not to give the key. */
    private Optional<Node> node(ConfigValue value, Place around, String path) {
        Place place = place(value.origin(), around);
        try {
            ConfigValueType type = value.valueType();
            return switch (type) {
                case OBJECT -> Optional.of(table((ConfigObject) value, around, path));
                case LIST -> Optional.of(sequence((ConfigList) value, place, path));
                case NULL -> Optional.empty();
                case STRING -> Optional.of(new Scalar((String) value.unwrapped(), place));
                case NUMBER, BOOLEAN -> Optional.of(new Scalar(value.render(), place));
            };
        } catch (ConfigException.NotResolved e) {
            reportUnresolved(value, place, path);
            return Optional.of(new Unusable(place));
        }
    }

    private Sequence sequence(ConfigList list, Place place, String path) {
        List<Node> elements = new ArrayList<>();
        for (ConfigValue element : list) {
            node(element, place, path).ifPresent(elements::add);
        }
        return new Sequence(elements, place);
    }

    /**
     * Shows the substitution only, since what it is joined with may be a secret; and that only when it looks like the name
     * of an environment variable or of a key: a misplaced quote can make a name of anything.
     */
    private void reportUnresolved(ConfigValue value, Place place, String path) {
        Matcher matcher = SUBSTITUTION.matcher(value.render(ConfigRenderOptions.concise()));
        boolean shown =
                matcher.find() && NAME_OF_SOMETHING.matcher(matcher.group()).matches();
        String substitution = shown ? matcher.group() : "a substitution on this line";
        log.mistake(
                place,
                path,
                substitution + " is neither a key of this file nor an environment variable",
                "set it, or write ${?...} if it may be missing");
    }

    /** Values from the environment and merged ones have no place of their own: they are at the table around them. */
    static Place place(ConfigOrigin origin, Place around) {
        String file = origin.filename();
        int line = Math.max(0, origin.lineNumber());
        if (file == null) {
            return new Place(around.file(), line > 0 ? line : around.line());
        }
        return new Place(Path.of(file), line);
    }
}
