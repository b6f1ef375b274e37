package io.sluice.config.schema;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as HOCON writes them; a unit is mandatory. */
final class DurationText {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,12})\\s*([a-z]+)");
    private static final Map<String, Long> NANOSECONDS = Map.ofEntries(
            Map.entry("us", 1_000L),
            Map.entry("micro", 1_000L),
            Map.entry("micros", 1_000L),
            Map.entry("microsecond", 1_000L),
            Map.entry("microseconds", 1_000L),
            Map.entry("ms", 1_000_000L),
            Map.entry("milli", 1_000_000L),
            Map.entry("millis", 1_000_000L),
            Map.entry("millisecond", 1_000_000L),
            Map.entry("milliseconds", 1_000_000L),
            Map.entry("s", 1_000_000_000L),
            Map.entry("second", 1_000_000_000L),
            Map.entry("seconds", 1_000_000_000L),
            Map.entry("m", 60_000_000_000L),
            Map.entry("minute", 60_000_000_000L),
            Map.entry("minutes", 60_000_000_000L),
            Map.entry("h", 3_600_000_000_000L),
            Map.entry("hour", 3_600_000_000_000L),
            Map.entry("hours", 3_600_000_000_000L),
            Map.entry("d", 86_400_000_000_000L),
            Map.entry("day", 86_400_000_000_000L),
            Map.entry("days", 86_400_000_000_000L));

    private DurationText() {}

    static Optional<Duration> parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches() || !NANOSECONDS.containsKey(matcher.group(2))) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        return Optional.of(Duration.ofNanos(NANOSECONDS.get(matcher.group(2))).multipliedBy(count));
    }

    /** "5 s", "2 minutes", "250 ms", "100 us"; what is below a microsecond is left out. */
    static String render(Duration duration) {
        if (duration.toNanosPart() % 1_000_000 != 0) {
            return duration.toNanos() / 1_000 + " us";
        }
        Map<String, Long> units = new LinkedHashMap<>();
        units.put(" days", 86_400_000L);
        units.put(" hours", 3_600_000L);
        units.put(" minutes", 60_000L);
        units.put(" s", 1_000L);
        long milliseconds = duration.toMillis();
        for (Map.Entry<String, Long> unit : units.entrySet()) {
            if (milliseconds != 0 && milliseconds % unit.getValue() == 0 && milliseconds != unit.getValue()) {
                return milliseconds / unit.getValue() + unit.getKey();
            }
        }
        return milliseconds == 1000 ? "1 s" : milliseconds + " ms";
    }
}
