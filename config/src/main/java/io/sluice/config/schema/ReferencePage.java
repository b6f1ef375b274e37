package io.sluice.config.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes declarations as a page of Markdown: a table for each section, but none twice. */
public final class ReferencePage {
    private final StringBuilder page = new StringBuilder();
    private final Map<Content, String> written = new HashMap<>();

    private record Content(List<Key<?>> keys, List<Section> sections) {}

    /** Appends text as it is. */
    public ReferencePage text(String text) {
        page.append(text).append("\n\n");
        return this;
    }

    /** Appends a file's keys: the root's and those of every section below it. */
    public ReferencePage file(String title, Section root) {
        page.append("## ").append(title).append("\n\n");
        section(root, "", "");
        return this;
    }

    private void section(Section section, String path, String heading) {
        if (!heading.isEmpty()) {
            page.append("### ").append(heading).append("\n\n");
        }
        page.append(section.doc());
        section.shorthand()
                .ifPresent(text -> page.append(" Instead of the braces may stand ")
                        .append(text.doc())
                        .append('.'));
        page.append("\n\n");
        String before = written.putIfAbsent(new Content(section.keys(), section.sections()), heading);
        if (before != null) {
            page.append("The keys are those of ").append(before).append(".\n\n");
            return;
        }
        if (!section.keys().isEmpty()) {
            page.append("| key | type, range | default | meaning |\n|---|---|---|---|\n");
            section.keys().forEach(key -> page.append(row(path, key)));
            page.append('\n');
        }
        for (Section child : section.sections()) {
            String childPath = path + child.name() + (child.kind() == Section.Kind.NAMED ? ".NAME." : ".");
            section(child, childPath, "`" + childPath.substring(0, childPath.length() - 1) + "`");
        }
    }

    private static String row(String path, Key<?> key) {
        List<String> cells = new ArrayList<>();
        cells.add("`" + path + key.name() + "`");
        cells.add(key.type().describe());
        cells.add(shownDefault(key));
        cells.add(key.doc());
        return "| "
                + String.join(
                        " | ",
                        cells.stream().map(cell -> cell.replace("|", "\\|")).toList()) + " |\n";
    }

    /** What can be written as it stands is set as code; what describes is not. */
    private static String shownDefault(Key<?> key) {
        boolean literal = !key.required() && !(key.type() instanceof Key.OptionalType<?>);
        return literal ? "`" + (key.defaultText().isEmpty() ? "\"\"" : key.defaultText()) + "`" : key.defaultText();
    }

    /** The page so far. */
    public String markdown() {
        return page.toString().strip() + "\n";
    }
}
