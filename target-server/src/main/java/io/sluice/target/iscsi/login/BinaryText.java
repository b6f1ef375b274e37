package io.sluice.target.iscsi.login;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * A binary value in a text key: {@code 0x} and hexadecimal digits, or {@code 0b} and base64 (RFC 7143 section 6.1).
 *
 * @param bytes the value
 * @param encoding how it was written
 */
record BinaryText(byte[] bytes, Encoding encoding) {
    /** The two ways to write one. */
    enum Encoding {
        HEXADECIMAL("0x"),
        BASE64("0b");

        private final String prefix;

        Encoding(String prefix) {
            this.prefix = prefix;
        }

        String encode(byte[] bytes) {
            return prefix
                    + (this == HEXADECIMAL
                            ? HexFormat.of().formatHex(bytes)
                            : Base64.getEncoder().encodeToString(bytes));
        }

        private boolean begins(String text) {
            return text.length() > prefix.length()
                    && text.substring(0, prefix.length())
                            .toLowerCase(Locale.ROOT)
                            .equals(prefix);
        }
    }

    private static final int BASE64_GROUP_LETTERS = 4;
    private static final int BASE64_GROUP_BYTES = 3;

    /** Empty when the text is malformed, without any byte, or longer than {@code bytesMax}. */
    static Optional<BinaryText> decode(String text, int bytesMax) {
        for (Encoding encoding : Encoding.values()) {
            if (encoding.begins(text)) {
                return digits(text.substring(encoding.prefix.length()), encoding, bytesMax)
                        .filter(bytes -> bytes.length > 0 && bytes.length <= bytesMax)
                        .map(bytes -> new BinaryText(bytes, encoding));
            }
        }
        return Optional.empty();
    }

    /** The length is looked at before anything is decoded. */
    private static Optional<byte[]> digits(String digits, Encoding encoding, int bytesMax) {
        int groups = (bytesMax + BASE64_GROUP_BYTES - 1) / BASE64_GROUP_BYTES;
        int digitsMax = encoding == Encoding.HEXADECIMAL ? 2 * bytesMax : BASE64_GROUP_LETTERS * groups;
        if (digits.length() > digitsMax) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    encoding == Encoding.HEXADECIMAL
                            // A left-out leading zero: some initiators write the number and not the bytes.
                            ? HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits)
                            : base64(digits));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Padding is mandatory: the JDK alone would do without. */
    private static byte[] base64(String digits) {
        if (digits.length() % BASE64_GROUP_LETTERS != 0) {
            throw new IllegalArgumentException("base64 comes in groups of four letters");
        }
        return Base64.getDecoder().decode(digits);
    }
}
