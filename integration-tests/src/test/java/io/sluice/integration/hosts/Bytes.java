package io.sluice.integration.hosts;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Bytes as a script writes them: {@code 12 00}, {@code ..} for any byte (in expectations), {@code $NAME} for bytes kept
 * before, {@code "text"}, {@code 512*a5} for a byte many times.
 *
 * @param words as written
 */
record Bytes(List<String> words) {
    private static final String ANY = "..";
    private static final int ANY_BYTE = -1;

    /** Copies the list. */
    Bytes {
        words = List.copyOf(words);
    }

    static Bytes parse(String text) {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
                continue;
            }
            boolean quoted = text.charAt(at) == '"';
            int end = quoted ? text.indexOf('"', at + 1) + 1 : endOfWord(text, at);
            if (end <= at) {
                throw new IllegalArgumentException("a quotation mark is missing: " + text);
            }
            words.add(text.substring(at, end));
            at = end;
        }
        return new Bytes(words);
    }

    private static int endOfWord(String text, int from) {
        int end = from;
        while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** The bytes; none of them may be "any". */
    byte[] toBytes(Map<String, byte[]> kept) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int value : toPattern(kept)) {
            if (value == ANY_BYTE) {
                throw new IllegalArgumentException("\"..\" stands for nothing that can be sent: " + words);
            }
            out.write(value);
        }
        return out.toByteArray();
    }

    /** Values from 0 to 255, and -1 for any. */
    List<Integer> toPattern(Map<String, byte[]> kept) {
        List<Integer> pattern = new ArrayList<>();
        for (String word : words) {
            int star = word.indexOf('*');
            if (word.equals(ANY)) {
                pattern.add(ANY_BYTE);
            } else if (word.startsWith("\"")) {
                word.substring(1, word.length() - 1).chars().forEach(pattern::add);
            } else if (word.startsWith("$")) {
                addKept(word.substring(1), kept, pattern);
            } else if (star > 0) {
                int value = Integer.parseInt(word.substring(star + 1), 16);
                for (int i = 0; i < Integer.parseInt(word.substring(0, star)); i++) {
                    pattern.add(value);
                }
            } else {
                pattern.add(Integer.parseInt(word, 16));
            }
        }
        return pattern;
    }

    private static void addKept(String name, Map<String, byte[]> kept, List<Integer> pattern) {
        byte[] bytes = kept.get(name);
        if (bytes == null) {
            throw new IllegalArgumentException("nothing was kept as " + name.toUpperCase(Locale.ROOT));
        }
        for (byte value : bytes) {
            pattern.add(value & 0xff);
        }
    }

    /** Where {@code data} differs from the pattern, as text; empty when it does not. */
    String differenceFrom(byte[] data, int offset, Map<String, byte[]> kept) {
        List<Integer> pattern = toPattern(kept);
        if (offset + pattern.size() > data.length) {
            return "only " + data.length + " bytes came, expected at least " + (offset + pattern.size());
        }
        for (int i = 0; i < pattern.size(); i++) {
            int wanted = pattern.get(i);
            if (wanted != ANY_BYTE && wanted != (data[offset + i] & 0xff)) {
                return String.format(
                        Locale.ROOT, "byte %d is %02x, expected %02x", offset + i, data[offset + i] & 0xff, wanted);
            }
        }
        return "";
    }
}
