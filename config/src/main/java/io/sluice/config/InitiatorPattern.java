package io.sluice.config;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Initiator names: one name, or all that begin alike.
 *
 * @param start the normalised name, or what the names begin with
 * @param open whether anything may stand behind it
 */
public record InitiatorPattern(String start, boolean open) {
    private static final Pattern KINDS = Pattern.compile("(?:iqn|eui|naa)\\..*", Pattern.DOTALL);

    /**
     * Reads a name, a name's beginning with "*" behind it, or "*".
     *
     * @throws IllegalArgumentException when the text is none of it; the message says why
     */
    public static InitiatorPattern parse(String text) {
        String stripped = text.strip();
        if (!stripped.endsWith("*")) {
            return new InitiatorPattern(IscsiName.normalise(stripped), false);
        }
        String start = Normalizer.normalize(
                stripped.substring(0, stripped.length() - 1).toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
        if (start.indexOf('*') >= 0) {
            throw new IllegalArgumentException("\"" + stripped + "\" has a \"*\" that is not at its end");
        }
        if (!start.isEmpty() && !KINDS.matcher(start).matches()) {
            throw new IllegalArgumentException(
                    "\"" + stripped + "\" fits no iSCSI name: they begin with iqn., eui. or naa.");
        }
        return new InitiatorPattern(start, true);
    }

    /** Whether the normalised name is one of these. */
    public boolean matches(String initiatorName) {
        return open ? initiatorName.startsWith(start) : initiatorName.equals(start);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return open ? start + "*" : start;
    }
}
