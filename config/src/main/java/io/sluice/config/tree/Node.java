package io.sluice.config.tree;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One value of a configuration file. The text form never shows the value: it may be a secret in the wrong place. */
public sealed interface Node {
    /** Where it stands. */
    Place place();

    /** Keys and values, in the order of the file as far as it is known. */
    record Table(Map<String, Node> children, Place place) implements Node {
        /** Copies the map, keeping its order. */
        public Table {
            children = Collections.unmodifiableMap(new LinkedHashMap<>(children));
        }

        /** The value of {@code key}. */
        public Optional<Node> child(String key) {
            return Optional.ofNullable(children.get(key));
        }

        @Override
        public String toString() {
            return "table at " + place;
        }
    }

    /** Values in brackets. */
    record Sequence(List<Node> elements, Place place) implements Node {
        /** Copies the list. */
        public Sequence {
            elements = List.copyOf(elements);
        }

        @Override
        public String toString() {
            return "list at " + place;
        }
    }

    /** A text, number or truth value, as written. */
    record Scalar(String text, Place place) implements Node {
        @Override
        public String toString() {
            return "value at " + place;
        }
    }

    /** A value that could not be resolved; already reported. */
    record Unusable(Place place) implements Node {}
}
