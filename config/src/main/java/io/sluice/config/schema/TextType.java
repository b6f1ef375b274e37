package io.sluice.config.schema;

import io.sluice.config.tree.Node;
import io.sluice.config.tree.Node.Scalar;
import io.sluice.config.tree.ShownText;
import java.util.function.Function;

/**
 * A type that is written as one text, number or word.
 *
 * @param what with its article: "a duration"
 * @param range "" or what the reference page says behind the type's name
 * @param example as one writes it
 */
record TextType<T>(String what, String range, String example, Parser<T> parser, Function<T, String> renderer)
        implements ValueType<T> {

    /** Makes a value of the text. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(Scalar scalar) throws BadValueException;
    }

    @Override
    public T parse(Node node) throws BadValueException {
        if (!(node instanceof Scalar scalar)) {
            String found = node instanceof Node.Sequence ? "a list" : "a section in braces";
            throw new BadValueException("found " + found + " where " + what + " is expected", forExample());
        }
        return parser.parse(scalar);
    }

    BadValueException notOne(Scalar scalar) {
        return new BadValueException(ShownText.quoted(scalar.text()) + " is not " + what, forExample());
    }

    static BadValueException notOne(Scalar scalar, String what, String example) {
        return new BadValueException(
                ShownText.quoted(scalar.text()) + " is not " + what, "write for example " + example);
    }

    private String forExample() {
        return "write for example " + example;
    }

    @Override
    public String describe() {
        String name = what.replaceFirst("^an? ", "");
        return range.isEmpty() ? name : name + ", " + range;
    }

    @Override
    public String render(T value) {
        return renderer.apply(value);
    }
}
