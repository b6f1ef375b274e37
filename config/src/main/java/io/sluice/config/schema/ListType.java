package io.sluice.config.schema;

import io.sluice.config.tree.Node;
import io.sluice.config.tree.Node.Scalar;
import io.sluice.config.tree.Node.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Values in brackets, at least one; a single value may stand without brackets. */
public record ListType<T>(ValueType<T> element) implements ValueType<List<T>> {
    @Override
    public List<T> parse(Node node) throws BadValueException {
        if (node instanceof Scalar) {
            return List.of(element.parse(node));
        }
        if (!(node instanceof Sequence sequence)) {
            throw new BadValueException("found a section in braces where a list is expected", "write [ ... ]");
        }
        if (sequence.elements().isEmpty()) {
            throw new BadValueException("the list is empty", "write at least one element");
        }
        List<T> values = new ArrayList<>();
        for (Node child : sequence.elements()) {
            values.add(element.parse(child));
        }
        return List.copyOf(values);
    }

    @Override
    public String describe() {
        return "list of: " + element.describe();
    }

    @Override
    public String render(List<T> value) {
        return value.stream()
                .map(each -> "\"" + element.render(each) + "\"")
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
