package io.sluice.config.schema;

import io.sluice.config.tree.Node.Scalar;
import io.sluice.config.tree.Place;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a section holds, parsed.
 *
 * @param path of the section, "" for the root
 * @param place of the section, or of what is around it when it is not given
 * @param given whether it is there at all, with braces or its shorthand
 * @param shorthand what stands instead of the braces
 * @param values by key name: what was given and is right
 * @param places by key name: where the value stands, right or wrong
 * @param bad names of keys and sections that were given and are wrong, or are required and missing
 */
public record SectionValues(
        String path,
        Place place,
        boolean given,
        Optional<Scalar> shorthand,
        Map<String, Object> values,
        Map<String, Place> places,
        Set<String> bad,
        Map<String, SectionValues> sections) {
    /** The value, its default when it is not given, or a stand-in when it is wrong. */
    @SuppressWarnings("unchecked")
    public <T> T get(Key<T> key) {
        Object value = values.get(key.name());
        return value == null ? key.fallback() : (T) value;
    }

    /** Whether the key stands there, right or wrong. */
    public boolean isGiven(Key<?> key) {
        return places.containsKey(key.name());
    }

    /** Whether {@link #get} tells what the operator means. */
    public boolean isGood(Key<?> key) {
        return !bad.contains(key.name());
    }

    /** Where the key stands, or the section when it is not given. */
    public Place place(Key<?> key) {
        return places.getOrDefault(key.name(), place);
    }

    /** The key's full path. */
    public String path(Key<?> key) {
        return path(key.name());
    }

    /** The full path of something in this section. */
    public String path(String name) {
        return SectionReader.join(path, name);
    }

    /** A declared section, also when it is not given. */
    public SectionValues section(Section section) {
        SectionValues child = sections.get(section.name());
        return child == null ? absent(path(section.name()), place) : child;
    }

    /** Names only: the values may be arguments of a command that gives a secret. */
    @Override
    public String toString() {
        return "section " + path + " at " + place;
    }

    static SectionValues absent(String path, Place place) {
        return new SectionValues(path, place, false, Optional.empty(), Map.of(), Map.of(), Set.of(), Map.of());
    }
}
