package io.sluice.config;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names of targets and initiators, RFC 7143 section 4.2.7: {@code iqn.}, {@code eui.} or {@code naa.}, at most 223 bytes
 * of UTF-8, compared in normalised form (RFC 3722: lower case, NFKC).
 */
public final class IscsiName {
    /** The longest name, in bytes. */
    public static final int LENGTH_MAX_BYTES = 223;

    private static final Pattern IQN = Pattern.compile(
            "iqn\\.[0-9]{4}-(?:0[1-9]|1[0-2])\\.[^.:]*[^.:-](?:\\.[^.:]*[^.:-])*(?::.*)?", Pattern.DOTALL);
    private static final Pattern EUI = Pattern.compile("eui\\.[0-9a-f]{16}");
    private static final Pattern NAA = Pattern.compile("naa\\.(?:[0-9a-f]{16}|[0-9a-f]{32})");

    private IscsiName() {}

    /**
     * The normalised form.
     *
     * @throws IllegalArgumentException when {@code name} is none; the message shows it and says why
     */
    public static String normalise(String name) {
        String normal = Normalizer.normalize(name.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
        if (normal.getBytes(StandardCharsets.UTF_8).length > LENGTH_MAX_BYTES) {
            throw new IllegalArgumentException("an iSCSI name may have at most " + LENGTH_MAX_BYTES + " bytes");
        }
        String shown = "\"" + name.replaceAll("\\p{Cntrl}", "?") + "\"";
        normal.codePoints()
                .filter(character -> !isAllowed(character))
                .findFirst()
                .ifPresent(character -> {
                    throw new IllegalArgumentException(
                            shown + " holds the character U+" + String.format(Locale.ROOT, "%04X", character)
                                    + ", which iSCSI names may not have (letters, digits, '-', '.' and ':' only)");
                });
        if (!hasRightForm(normal)) {
            throw new IllegalArgumentException(shown + " is not an iSCSI name: " + rule(normal));
        }
        return normal;
    }

    private static boolean isAllowed(int character) {
        if (character < 0x80) {
            return Character.isLetterOrDigit(character) || character == '-' || character == '.' || character == ':';
        }
        int type = Character.getType(character);
        boolean mark = type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
        return Character.isLetterOrDigit(character) || mark;
    }

    private static boolean hasRightForm(String normal) {
        return IQN.matcher(normal).matches()
                || EUI.matcher(normal).matches()
                || NAA.matcher(normal).matches();
    }

    private static String rule(String normal) {
        if (normal.startsWith("eui.")) {
            return "eui. takes exactly 16 hexadecimal digits";
        }
        if (normal.startsWith("naa.")) {
            return "naa. takes exactly 16 or 32 hexadecimal digits";
        }
        if (normal.startsWith("iqn.")) {
            return "iqn. takes a year and month, a reversed domain name, and then \":\" and anything";
        }
        return "it must begin with iqn., eui. or naa.";
    }
}
