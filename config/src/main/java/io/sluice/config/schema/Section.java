package io.sluice.config.schema;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Keys that stand together in braces, declared once.
 *
 * @param name as it is written
 * @param doc one sentence
 * @param shorthand what may stand instead of the braces; empty when nothing may
 * @param kind how the braces are filled
 * @param whole given in a LUN file, it replaces the default as a whole instead of key by key
 */
public record Section(
        String name,
        String doc,
        Optional<Shorthand> shorthand,
        Kind kind,
        boolean whole,
        List<Key<?>> keys,
        List<Section> sections) {
    /** How the braces of a section are filled. */
    public enum Kind {
        /** With the declared keys and sections. */
        PLAIN,
        /** With any number of names, each a section of the declared keys. */
        NAMED,
        /** As PLAIN; nothing that is found in it is ever shown, not even an unknown key. */
        SECRET
    }

    /**
     * A word instead of the braces.
     *
     * @param doc for people: "`none`"
     * @param only the one word that may stand there; empty when the reader of the section knows more
     */
    public record Shorthand(String doc, Optional<String> only) {}

    public static Section of(String name, String doc) {
        return new Section(name, doc, Optional.empty(), Kind.PLAIN, false, List.of(), List.of());
    }

    public Section withKeys(Key<?>... keys) {
        return new Section(name, doc, shorthand, kind, whole, List.of(keys), sections);
    }

    public Section withSections(Section... sections) {
        return new Section(name, doc, shorthand, kind, whole, keys, List.of(sections));
    }

    /** Only this word may stand instead of the braces. */
    public Section withWord(String word) {
        Shorthand shorthand = new Shorthand("`" + word + "`", Optional.of(word));
        return new Section(name, doc, Optional.of(shorthand), kind, whole, keys, sections);
    }

    /** A word that the reader of the section understands may stand instead of the braces. */
    public Section withShorthand(String description) {
        Shorthand shorthand = new Shorthand(description, Optional.empty());
        return new Section(name, doc, Optional.of(shorthand), kind, whole, keys, sections);
    }

    public Section asNamed() {
        return new Section(name, doc, shorthand, Kind.NAMED, whole, keys, sections);
    }

    public Section asSecret() {
        return new Section(name, doc, shorthand, Kind.SECRET, whole, keys, sections);
    }

    public Section asWhole() {
        return new Section(name, doc, shorthand, kind, true, keys, sections);
    }

    /** The same content under another name. */
    public Section named(String name, String doc) {
        return new Section(name, doc, shorthand, kind, whole, keys, sections);
    }

    /** Everything that may stand directly in it. */
    List<String> names() {
        return Stream.concat(keys.stream().map(Key::name), sections.stream().map(Section::name))
                .toList();
    }
}
