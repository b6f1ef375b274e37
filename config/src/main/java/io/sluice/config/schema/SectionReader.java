package io.sluice.config.schema;

import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.Node;
import io.sluice.config.tree.Node.Scalar;
import io.sluice.config.tree.Node.Table;
import io.sluice.config.tree.Node.Unusable;
import io.sluice.config.tree.Place;
import io.sluice.config.tree.ShownText;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a tree by its declaration: every value is parsed once, and everything that is not declared, not given though
 * required, or not right is reported. Never shows what stands where a section is expected: it may be a secret.
 */
public final class SectionReader {
    private final MistakeLog log;

    public SectionReader(MistakeLog log) {
        this.log = log;
    }

    /** Reads a file's root. */
    public SectionValues read(Section section, Table root) {
        return readTable(section, root, "");
    }

    static String join(String path, String name) {
        String shown = ShownText.key(name);
        return path.isEmpty() ? shown : path + "." + shown;
    }

    private SectionValues readTable(Section section, Table table, String path) {
        if (section.kind() == Section.Kind.NAMED) {
            return readNamed(section, table, path);
        }
        reportUnknown(section, table, path);
        Map<String, Object> values = new HashMap<>();
        Map<String, Place> places = new HashMap<>();
        Set<String> bad = new HashSet<>();
        for (Key<?> key : section.keys()) {
            Optional<Node> node = table.child(key.name());
            node.ifPresent(given -> places.put(key.name(), given.place()));
            readKey(section, key, node, table.place(), path)
                    .ifPresentOrElse(value -> values.put(key.name(), value), () -> {
                        if (node.isPresent() || key.required()) {
                            bad.add(key.name());
                        }
                    });
        }
        Map<String, SectionValues> sections = readSections(section, table, path, bad);
        return new SectionValues(path, table.place(), true, Optional.empty(), values, places, bad, sections);
    }

    private Map<String, SectionValues> readSections(Section section, Table table, String path, Set<String> bad) {
        Map<String, SectionValues> sections = new HashMap<>();
        for (Section child : section.sections()) {
            Optional<Node> node = table.child(child.name());
            if (node.isPresent()) {
                readSection(child, node.get(), join(path, child.name()))
                        .ifPresentOrElse(read -> sections.put(child.name(), read), () -> bad.add(child.name()));
            }
        }
        return sections;
    }

    private Optional<SectionValues> readSection(Section section, Node node, String path) {
        if (node instanceof Table table) {
            return Optional.of(readTable(section, table, path));
        }
        if (node instanceof Scalar scalar && isShorthand(section, scalar)) {
            return Optional.of(new SectionValues(
                    path, node.place(), true, Optional.of(scalar), Map.of(), Map.of(), Set.of(), Map.of()));
        }
        if (!(node instanceof Unusable)) {
            log.mistake(node.place(), path, "is a section, but has a value without braces", inBraces(section));
        }
        return Optional.empty();
    }

    private static boolean isShorthand(Section section, Scalar scalar) {
        return section.shorthand()
                .filter(shorthand ->
                        shorthand.only().isEmpty() || shorthand.only().get().equals(scalar.text()))
                .isPresent();
    }

    private static String inBraces(Section section) {
        if (section.kind() == Section.Kind.SECRET) {
            return "write { " + String.join(" = ... }, or { ", section.names())
                    + " = ... }, which say where the secret is, and never the secret itself";
        }
        return "write { " + String.join(", ", section.names()) + " } with what you need of it"
                + section.shorthand()
                        .map(shorthand -> ", or " + shorthand.doc())
                        .orElse("");
    }

    private SectionValues readNamed(Section section, Table table, String path) {
        Section content = new Section(
                section.name(),
                section.doc(),
                Optional.empty(),
                Section.Kind.PLAIN,
                false,
                section.keys(),
                section.sections());
        Map<String, SectionValues> sections = new LinkedHashMap<>();
        Set<String> bad = new HashSet<>();
        table.children()
                .forEach((name, node) -> readSection(content, node, join(path, name))
                        .ifPresentOrElse(read -> sections.put(name, read), () -> bad.add(name)));
        return new SectionValues(path, table.place(), true, Optional.empty(), Map.of(), Map.of(), bad, sections);
    }

    private void reportUnknown(Section section, Table table, String path) {
        table.children().forEach((name, node) -> {
            if (section.names().contains(name)) {
                return;
            }
            if (section.kind() == Section.Kind.SECRET) {
                String instead = "write one of " + String.join(", ", section.names());
                log.mistake(node.place(), path, "holds a key that is not known", instead);
                return;
            }
            String instead = EditDistance.nearest(name, section.names())
                    .map(near -> "did you mean " + near + "?")
                    .orElse("known here: " + String.join(", ", section.names()));
            log.mistake(node.place(), join(path, name), "unknown key", instead);
        });
    }

    private <T> Optional<T> readKey(Section section, Key<T> key, Optional<Node> node, Place around, String path) {
        String keyPath = join(path, key.name());
        if (node.isEmpty()) {
            if (key.required()) {
                String instead = "write " + key.name() + " = ... (" + key.type().describe() + ")";
                log.mistake(around, keyPath, "is missing", instead);
            }
            return Optional.empty();
        }
        if (node.get() instanceof Unusable) {
            return Optional.empty();
        }
        try {
            return Optional.of(key.type().parse(node.get()));
        } catch (BadValueException e) {
            boolean secret = section.kind() == Section.Kind.SECRET;
            String what = secret ? "is not " + key.type().describe() : e.what();
            log.mistake(node.get().place(), keyPath, what, e.instead());
            return Optional.empty();
        }
    }
}
