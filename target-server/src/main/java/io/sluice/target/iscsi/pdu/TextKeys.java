package io.sluice.target.iscsi.pdu;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An ordered list of {@code key=value} pairs, each ended by a zero byte (RFC 7143 section 6.1). Immutable.
 *
 * @param pairs in the order of the wire
 */
public record TextKeys(List<Pair> pairs) {
    /** No pairs. */
    public static final TextKeys EMPTY = new TextKeys(List.of());

    /**
     * One pair.
     *
     * @param key without the equals sign
     * @param value may be empty and may contain further equals signs
     */
    public record Pair(String key, String value) {}

    /** Takes a copy. */
    public TextKeys {
        pairs = List.copyOf(pairs);
    }

    /** Pairs from alternating keys and values. */
    public static TextKeys of(String... keysAndValues) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i + 1 < keysAndValues.length; i += 2) {
            pairs.add(new Pair(keysAndValues[i], keysAndValues[i + 1]));
        }
        return new TextKeys(pairs);
    }

    /** Empty when the text breaks the format: a pair without {@code =}, or without a key. */
    public static Optional<TextKeys> parse(byte[] text) {
        List<Pair> pairs = new ArrayList<>();
        int begin = 0;
        while (begin < text.length) {
            int end = begin;
            while (end < text.length && text[end] != 0) {
                end++;
            }
            if (end > begin) {
                String item = new String(text, begin, end - begin, StandardCharsets.UTF_8);
                int split = item.indexOf('=');
                if (split <= 0) {
                    return Optional.empty();
                }
                pairs.add(new Pair(item.substring(0, split), item.substring(split + 1)));
            }
            begin = end + 1;
        }
        return Optional.of(new TextKeys(pairs));
    }

    /** The value of the first pair with this key. */
    public Optional<String> find(String key) {
        return pairs.stream()
                .filter(pair -> pair.key().equals(key))
                .map(Pair::value)
                .findFirst();
    }

    /** These pairs, then the others. */
    public TextKeys and(TextKeys others) {
        List<Pair> all = new ArrayList<>(pairs);
        all.addAll(others.pairs);
        return new TextKeys(all);
    }

    /** As on the wire. */
    public byte[] encode() {
        StringBuilder text = new StringBuilder();
        for (Pair pair : pairs) {
            text.append(pair.key()).append('=').append(pair.value()).append('\0');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The bytes {@code [offset, offset + length)} of a buffer. */
    public static byte[] copyOf(ByteBuffer bytes, int offset, int length) {
        byte[] copy = new byte[length];
        bytes.get(offset, copy);
        return copy;
    }
}
