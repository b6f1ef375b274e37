package io.sluice.config.schema;

import io.sluice.config.tree.Node;

/** How the value of a key is written. */
public interface ValueType<T> {
    /** Its value, or what is wrong with it. */
    T parse(Node node) throws BadValueException;

    /** Type and range for the reference page: "size, 1 MiB to 24 MiB". */
    String describe();

    /** A value as one writes it. */
    String render(T value);
}
