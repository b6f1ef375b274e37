package io.sluice.config.tree;

import java.util.List;

/**
 * The library's parse errors in our words. Its own quote the text that it stumbled over, which may be a secret, and
 * name parentheses where there are none; so they are recognised and never passed on.
 */
final class HoconComplaint {
    private record Translation(String sign, String words) {}

    private static final List<Translation> TRANSLATIONS = List.of(
            new Translation("string quote was still open", "a quoted text does not end on its line"),
            new Translation("was not closed with a }", "a ${ is not closed with }"),
            new Translation("backslash followed by", "a backslash in a quoted text is not doubled"),
            new Translation("end of file", "a brace or bracket is still open at the end of the file"),
            new Translation("may not be followed by token", "a key has no value"),
            new Translation("List should have ended", "a list is not closed with ], or lacks a comma"),
            new Translation("unbalanced close brace", "a } has no {"),
            new Translation("two adjacent period", "a key begins or ends with a dot, or has two in a row"),
            new Translation("expecting include parameter", "include is not followed by a file name in quotes"),
            new Translation("Reserved character", "a reserved character stands outside quotes"),
            new Translation("not followed by {", "a $ stands outside quotes"),
            new Translation("expecting a close parentheses", "a key is expected here"),
            new Translation("Expecting a value", "a value is expected here"),
            new Translation("or a comma", "something unexpected follows a value, or a comma or line end is missing"));

    private HoconComplaint() {}

    /** What the message means. */
    static String translate(String message) {
        return TRANSLATIONS.stream()
                .filter(translation -> message.contains(translation.sign()))
                .map(Translation::words)
                .findFirst()
                .orElse("unexpected text");
    }
}
