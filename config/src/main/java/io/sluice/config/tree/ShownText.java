package io.sluice.config.tree;

import java.util.regex.Pattern;

/**
 * What of a file may be repeated in a message. A quote in the wrong place can make one value or key of half the file,
 * secrets and all: what is long or holds line ends, quotes, braces or equals signs is not shown.
 */
public final class ShownText {
    private static final int LENGTH_MAX = 80;
    private static final Pattern SUSPICIOUS = Pattern.compile("[\\p{Cntrl}\"'{}=]");
    private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_-]+");

    private ShownText() {}

    /** Whether the text looks like one value or key. */
    public static boolean isShowable(String text) {
        return text.length() <= LENGTH_MAX && !SUSPICIOUS.matcher(text).find();
    }

    /** The text in quotes, or other words for it. */
    public static String quoted(String text) {
        return isShowable(text) ? "\"" + text + "\"" : "the value";
    }

    /** A key as a part of a path. */
    public static String key(String name) {
        if (PLAIN_KEY.matcher(name).matches() && isShowable(name)) {
            return name;
        }
        return isShowable(name) ? "\"" + name + "\"" : "\"...\"";
    }
}
