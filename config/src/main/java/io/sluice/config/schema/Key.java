package io.sluice.config.schema;

import io.sluice.config.tree.Node;
import java.util.Optional;

/**
 * A key that may stand in a section, declared once.
 *
 * @param name as it is written
 * @param type how its value is written
 * @param fallback the default; for a required key a stand-in that is used only while further mistakes are searched
 * @param required whether it must be given
 * @param defaultText for the reference page
 * @param doc one sentence
 */
public record Key<T>(String name, ValueType<T> type, T fallback, boolean required, String defaultText, String doc) {
    /** A key with a default. */
    public static <T> Key<T> of(String name, ValueType<T> type, T byDefault, String doc) {
        return new Key<>(name, type, byDefault, false, type.render(byDefault), doc);
    }

    /** A key that must be given. */
    public static <T> Key<T> required(String name, ValueType<T> type, T standIn, String doc) {
        return new Key<>(name, type, standIn, true, "(required)", doc);
    }

    /** A key that may be missing; {@code defaultText} says what holds then. */
    public static <T> Key<Optional<T>> optional(String name, ValueType<T> type, String defaultText, String doc) {
        return new Key<>(name, new OptionalType<>(type), Optional.empty(), false, defaultText, doc);
    }

    /** A key that may be missing. */
    record OptionalType<T>(ValueType<T> type) implements ValueType<Optional<T>> {
        @Override
        public Optional<T> parse(Node node) throws BadValueException {
            return Optional.of(type.parse(node));
        }

        @Override
        public String describe() {
            return type.describe();
        }

        @Override
        public String render(Optional<T> value) {
            return value.map(type::render).orElse("");
        }
    }
}
