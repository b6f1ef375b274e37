package io.sluice.config.schema;

import io.sluice.config.ByteSize;
import io.sluice.config.tree.Node.Scalar;
import io.sluice.config.tree.ShownText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The types that keys are declared with. */
public final class ValueTypes {
    private static final Set<String> YES = Set.of("true", "yes", "on");
    private static final Set<String> NO = Set.of("false", "no", "off");

    /** Allowed by file systems, but the sign of a forgotten quote. */
    private static final Pattern NOT_IN_PATHS = Pattern.compile("[\\p{Cntrl}\"{}]");

    private ValueTypes() {}

    /** A number of bytes in a range, both ends included. */
    public static ValueType<ByteSize> size(ByteSize min, ByteSize max) {
        String range = min + " to " + max;
        return new TextType<>(
                "a size",
                range,
                "\"" + exampleSize(min, max) + "\"",
                scalar -> {
                    ByteSize size;
                    try {
                        size = ByteSize.parse(scalar.text());
                    } catch (IllegalArgumentException e) {
                        throw TextType.notOne(scalar, "a size", "\"" + exampleSize(min, max) + "\"");
                    }
                    checkRange(scalar, size, min, max, range);
                    return size;
                },
                ByteSize::toString);
    }

    private static ByteSize exampleSize(ByteSize min, ByteSize max) {
        ByteSize usual = ByteSize.ofMiB(64);
        return usual.compareTo(min) < 0 ? min : usual.compareTo(max) > 0 ? max : usual;
    }

    /** A time span in a range, both ends included. */
    public static ValueType<Duration> duration(Duration min, Duration max) {
        String range = DurationText.render(min) + " to " + DurationText.render(max);
        Duration usual = Duration.ofSeconds(5);
        Duration possible = usual.compareTo(min) < 0 ? min : usual.compareTo(max) > 0 ? max : usual;
        String example = "\"" + DurationText.render(possible) + "\"";
        return new TextType<>(
                "a duration",
                range,
                example,
                scalar -> {
                    Duration duration = DurationText.parse(scalar.text())
                            .orElseThrow(() -> TextType.notOne(scalar, "a duration", example));
                    checkRange(scalar, duration, min, max, range);
                    return duration;
                },
                DurationText::render);
    }

    /** A whole number in a range, both ends included. */
    public static ValueType<Integer> integer(int min, int max) {
        String range = min + " to " + max;
        String example = String.valueOf(Math.max(min, Math.min(max, 1)));
        return new TextType<>(
                "a whole number",
                range,
                example,
                scalar -> {
                    long value;
                    try {
                        value = Long.parseLong(scalar.text().strip());
                    } catch (NumberFormatException e) {
                        throw TextType.notOne(scalar, "a whole number", example);
                    }
                    checkRange(scalar, value, (long) min, (long) max, range);
                    return (int) value;
                },
                String::valueOf);
    }

    private static <T extends Comparable<T>> void checkRange(Scalar scalar, T value, T min, T max, String range)
            throws BadValueException {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            String what = ShownText.quoted(scalar.text()) + " is out of range";
            throw new BadValueException(what, "write a value from " + range);
        }
    }

    /** True or false. */
    public static ValueType<Boolean> flag() {
        return new TextType<>(
                "true or false",
                "",
                "true",
                scalar -> {
                    String text = scalar.text().toLowerCase(Locale.ROOT);
                    if (YES.contains(text) || NO.contains(text)) {
                        return YES.contains(text);
                    }
                    throw TextType.notOne(scalar, "true or false", "true");
                },
                String::valueOf);
    }

    /** One of the words, which stand in the order in which they are to be shown. */
    public static <T> ValueType<T> choice(Map<String, T> words) {
        String all = words.keySet().stream().collect(Collectors.joining(" | "));
        String what = "one of " + words.keySet().stream().collect(Collectors.joining(", "));
        return new TextType<>(
                all,
                "",
                all,
                scalar -> {
                    T value = words.get(scalar.text().toLowerCase(Locale.ROOT));
                    if (value == null) {
                        String given = ShownText.quoted(scalar.text()) + " is not " + what;
                        throw new BadValueException(given, "write " + nearest(scalar.text(), words));
                    }
                    return value;
                },
                value -> words.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(value))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseThrow());
    }

    private static String nearest(String text, Map<String, ?> words) {
        return EditDistance.nearest(text, words.keySet())
                .orElseGet(() -> words.keySet().iterator().next());
    }

    /** A text that matches; {@code what} with its article names it: "a volume name". */
    public static ValueType<String> text(String what, String range, Pattern pattern, String example) {
        return new TextType<>(
                what,
                range,
                example,
                scalar -> {
                    if (!pattern.matcher(scalar.text()).matches()) {
                        throw TextType.notOne(scalar, what, example);
                    }
                    return scalar.text();
                },
                text -> text);
    }

    /** A text that a strict parser accepts; the parser's complaint is shown. */
    public static <T> ValueType<T> parsed(
            String what, String range, String example, ThrowingParser<T> parser, Map<T, String> known) {
        return new TextType<>(
                what,
                range,
                example,
                scalar -> {
                    try {
                        return parser.parse(scalar.text());
                    } catch (IllegalArgumentException e) {
                        if (!ShownText.isShowable(scalar.text())) {
                            throw TextType.notOne(scalar, what, example);
                        }
                        throw new BadValueException(String.valueOf(e.getMessage()), "write for example " + example);
                    }
                },
                value -> known.getOrDefault(value, String.valueOf(value)));
    }

    /** Makes a value of a text or throws IllegalArgumentException with a message that says what is wrong. */
    @FunctionalInterface
    public interface ThrowingParser<T> {
        T parse(String text);
    }

    /** A path, made absolute relative to the file that it stands in. */
    public static ValueType<Path> path() {
        return new TextType<>(
                "a path",
                "",
                "\"/var/lib/sluice\"",
                scalar -> {
                    try {
                        if (!scalar.text().isBlank()
                                && !NOT_IN_PATHS.matcher(scalar.text()).find()) {
                            return scalar.place().resolve(Path.of(scalar.text()));
                        }
                    } catch (InvalidPathException e) {
                        throw TextType.notOne(scalar, "a path", "\"/var/lib/sluice\"");
                    }
                    throw TextType.notOne(scalar, "a path", "\"/var/lib/sluice\"");
                },
                Path::toString);
    }
}
