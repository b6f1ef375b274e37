package io.sluice.target.server.reload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * One setting of {@code T} as two configurations may tell it differently.
 *
 * @param name as the files call it
 * @param value of it; never a secret
 * @param shown whether its value is short enough to be told
 */
record Setting<T>(String name, Function<T, ?> value, boolean shown) {
    static <T> Setting<T> of(String name, Function<T, ?> value) {
        return new Setting<>(name, value, true);
    }

    static <T> Setting<T> unshown(String name, Function<T, ?> value) {
        return new Setting<>(name, value, false);
    }

    /** What differs, one phrase each: {@code flush.max-age (5 s -> 10 s)}. */
    static <T> List<String> differences(List<Setting<T>> settings, T before, T after) {
        List<String> found = new ArrayList<>();
        for (Setting<T> setting : settings) {
            Object old = setting.value.apply(before);
            Object now = setting.value.apply(after);
            if (!Objects.equals(old, now)) {
                found.add(setting.shown ? setting.name + " (" + text(old) + " -> " + text(now) + ")" : setting.name);
            }
        }
        return found;
    }

    private static String text(Object value) {
        return value instanceof Duration duration ? text(duration) : String.valueOf(value);
    }

    private static String text(Duration duration) {
        boolean whole = duration.toNanosPart() % 1_000_000 == 0;
        return whole ? duration.toMillis() + " ms" : duration.toNanos() / 1_000 + " us";
    }
}
