package io.sluice.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, at least 0, with a unit in its text form: "64 MiB". */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?)\\s*([A-Za-z]*)");
    private static final String POWERS = "kmgtpe";
    private static final Map<String, Long> PLAIN_UNITS = Map.of("", 1L, "b", 1L, "byte", 1L, "bytes", 1L);
    private static final Map<String, Integer> PREFIXES =
            Map.of("kilo", 1, "mega", 2, "giga", 3, "tera", 4, "peta", 5, "exa", 6);
    private static final Map<String, Integer> BINARY_PREFIXES =
            Map.of("kibi", 1, "mebi", 2, "gibi", 3, "tebi", 4, "pebi", 5, "exbi", 6);

    /** Rejects negative values. */
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative: " + bytes);
        }
    }

    public static ByteSize ofKiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 10));
    }

    public static ByteSize ofMiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 20));
    }

    public static ByteSize ofGiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 30));
    }

    /**
     * The size that a text such as "1 GiB", "64MiB", "512k", "1.5 T" or "4096" names. Units are those of HOCON: k, K, Ki,
     * KiB, M, MiB and so on are powers of 1024; kB, MB, GB and so on are powers of 1000; without a unit, bytes.
     *
     * @throws IllegalArgumentException when it names none; the message shows the text and says what to write
     */
    public static ByteSize parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw notASize(text);
        }
        try {
            BigDecimal factor = BigDecimal.valueOf(unitBytes(matcher.group(2)));
            return new ByteSize(
                    new BigDecimal(matcher.group(1)).multiply(factor).longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "\"" + text.strip() + "\" is too large or no whole number of bytes; write for example \"1 GiB\"",
                    e);
        } catch (UnknownUnitException e) {
            throw new IllegalArgumentException(notASize(text).getMessage(), e);
        }
    }

    private static long unitBytes(String unit) throws UnknownUnitException {
        String lower = unit.toLowerCase(Locale.ROOT);
        Long plain = PLAIN_UNITS.get(lower);
        if (plain != null) {
            return plain;
        }
        int power = POWERS.indexOf(lower.charAt(0)) + 1;
        String rest = lower.substring(1);
        if (power > 0 && (rest.isEmpty() || rest.equals("i") || rest.equals("ib"))) {
            return 1L << (10 * power);
        }
        if (power > 0 && rest.equals("b")) {
            return decimal(power);
        }
        return longUnitBytes(lower);
    }

    private static long longUnitBytes(String lower) throws UnknownUnitException {
        String prefix = lower.replaceFirst("bytes?$", "");
        if (!prefix.equals(lower) && BINARY_PREFIXES.containsKey(prefix)) {
            return 1L << (10 * BINARY_PREFIXES.get(prefix));
        }
        if (!prefix.equals(lower) && PREFIXES.containsKey(prefix)) {
            return decimal(PREFIXES.get(prefix));
        }
        throw new UnknownUnitException();
    }

    private static long decimal(int power) {
        long result = 1;
        for (int i = 0; i < power; i++) {
            result *= 1000;
        }
        return result;
    }

    private static IllegalArgumentException notASize(String text) {
        return new IllegalArgumentException("\"" + text.strip() + "\" is not a size; write for example \"64 MiB\"");
    }

    private static final class UnknownUnitException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest exact form: "1 GiB", "1536 KiB", "513 B". */
    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long value = bytes;
        while (value != 0 && value % 1024 == 0 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + " " + units[unit];
    }
}
