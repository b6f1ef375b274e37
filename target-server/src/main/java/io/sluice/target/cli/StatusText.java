package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The answer of a running server, for people. */
final class StatusText {
    private final Map<String, Object> status;

    StatusText(Map<String, Object> status) {
        this.status = status;
    }

    void print(PrintWriter out, Instant now) {
        out.println("sluice " + status.get("version") + ", process " + status.get("process") + ", "
                + status.get("state") + running(status.get("startedMillis"), now));
        out.println();
        printLuns(out);
        out.println();
        printAccess(out);
        printSessions(out);
    }

    private void printAccess(PrintWriter out) {
        if (rows("targets").isEmpty()) {
            return;
        }
        Table access = new Table("TARGET", "WHO MAY LOG IN");
        for (Map<?, ?> target : rows("targets")) {
            access.row(target.get("target"), target.get("access"));
        }
        access.row("discovery", status.get("discovery"));
        access.print(out);
        out.println();
        if (status.get("logins") instanceof Map<?, ?> logins
                && logins.get("refused") instanceof Map<?, ?> refused
                && !refused.isEmpty()) {
            out.println("refused logins: "
                    + refused.entrySet().stream()
                            .map(entry -> entry.getValue() + " x " + entry.getKey())
                            .sorted()
                            .collect(Collectors.joining(", ")));
            out.println();
        }
    }

    private static String running(@Nullable Object startedMillis, Instant now) {
        if (!(startedMillis instanceof Number millis)) {
            return "";
        }
        Duration up = Duration.between(Instant.ofEpochMilli(millis.longValue()), now);
        return String.format(
                Locale.ROOT,
                ", for %d d %02d:%02d:%02d",
                up.toDays(),
                up.toHoursPart(),
                up.toMinutesPart(),
                up.toSecondsPart());
    }

    private void printLuns(PrintWriter out) {
        Table luns = new Table(
                "TARGET",
                "LUN",
                "VOLUME",
                "STATE",
                "SIZE",
                "NOT IN BUCKET",
                "OLDEST",
                "JOURNAL",
                "FULL IN",
                "READ CACHE");
        for (Map<?, ?> lun : rows("luns")) {
            luns.row(
                    lun.get("target"),
                    lun.get("lun"),
                    lun.get("volume"),
                    lun.get("state"),
                    size(lun.get("sizeBytes")),
                    size(lun.get("dirtyBytes")),
                    age(lun.get("dirtyAgeMillis")),
                    part(lun.get("journalUsedBytes"), lun.get("journalCapacityBytes")),
                    timeToFull(lun.get("secondsToFull")),
                    part(lun.get("cacheUsedBytes"), lun.get("cacheCapacityBytes")));
        }
        luns.print(out);
        printSpace(out);
        for (Map<?, ?> lun : rows("luns")) {
            String volume = lun.get("target") + " LUN " + lun.get("lun") + ": volume " + lun.get("volume");
            if (lun.get("failure") != null) {
                out.println();
                out.println(volume + " is not served: " + lun.get("failure"));
            }
            printCondition(out, volume, lun);
        }
    }

    private static void printCondition(PrintWriter out, String volume, Map<?, ?> lun) {
        if (lun.get("reason") instanceof String reason && !reason.isEmpty()) {
            out.println();
            out.println(volume + " is " + lun.get("state") + ": " + reason);
        }
        if (lun.get("warnings") instanceof List<?> warnings) {
            warnings.forEach(warning -> {
                out.println();
                out.println(volume + ": " + warning);
            });
        }
        if (lun.get("damage") instanceof Map<?, ?> damage) {
            printDamage(out, volume, damage);
        }
    }

    private static void printDamage(PrintWriter out, String volume, Map<?, ?> damage) {
        long objects = number(damage.get("missingObjects")) + number(damage.get("damagedObjects"));
        if (objects == 0 && number(damage.get("failedReads")) == 0) {
            return;
        }
        out.println();
        out.println(volume + " is damaged in the bucket: " + number(damage.get("missingObjects"))
                + " objects missing, " + number(damage.get("damagedObjects")) + " not as written; "
                + number(damage.get("failedReads")) + " reads of hosts ended with a medium error since it was opened");
        if (damage.get("objects") instanceof List<?> named) {
            named.forEach(object -> out.println("  " + object));
            if (named.size() < objects) {
                out.println("  and " + (objects - named.size()) + " more");
            }
        }
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    private void printSpace(PrintWriter out) {
        Table space = new Table("VOLUME", "IN BUCKET", "NEEDED", "TIMES", "COLLECTOR", "MOVED", "DAMAGED SEGMENTS");
        boolean any = false;
        for (Map<?, ?> lun : rows("luns")) {
            if (lun.get("space") instanceof Map<?, ?> figures) {
                any = true;
                space.row(
                        lun.get("volume"),
                        size(figures.get("storedBytes")),
                        size(figures.get("liveBytes")),
                        times(figures),
                        collector(figures),
                        size(figures.get("movedBytes")),
                        numbers(figures.get("damagedSegments")));
            }
        }
        if (any) {
            out.println();
            space.print(out);
        }
    }

    /** Nothing that is needed is no measure. */
    private static String times(Map<?, ?> figures) {
        return figures.get("amplification") instanceof Number number
                        && figures.get("liveBytes") instanceof Number live
                        && live.longValue() > 0
                ? String.format(Locale.ROOT, "%.2f", number.doubleValue())
                : "-";
    }

    private static String collector(Map<?, ?> figures) {
        String reason = String.valueOf(figures.get("reason"));
        return figures.get("collector") + (reason.isEmpty() ? "" : ": " + reason);
    }

    private static String numbers(@Nullable Object list) {
        if (!(list instanceof List<?> numbers) || numbers.isEmpty()) {
            return "-";
        }
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private void printSessions(PrintWriter out) {
        if (rows("sessions").isEmpty()) {
            out.println("no sessions: no host is logged in");
            return;
        }
        Table sessions = new Table("INITIATOR", "TARGET", "ADDRESS", "IN FLIGHT", "RECEIVED", "SENT");
        for (Map<?, ?> session : rows("sessions")) {
            sessions.row(
                    session.get("initiator"),
                    session.get("target"),
                    session.get("address"),
                    session.get("commandsInFlight"),
                    size(session.get("bytesReceived")),
                    size(session.get("bytesSent")));
        }
        sessions.print(out);
    }

    private List<Map<?, ?>> rows(String key) {
        if (!(status.get(key) instanceof List<?> list)) {
            return List.of();
        }
        return list.stream().<Map<?, ?>>map(row -> (Map<?, ?>) row).toList();
    }

    /** Rounded down to three digits or so. */
    static String size(@Nullable Object bytes) {
        if (!(bytes instanceof Number number)) {
            return "-";
        }
        long value = number.longValue();
        int shift = 0;
        while (shift < 40 && value >> (shift + 10) >= 10) {
            shift += 10;
        }
        return new ByteSize((value >> shift) << shift).toString();
    }

    static String age(@Nullable Object millis) {
        if (!(millis instanceof Number number) || number.longValue() <= 0) {
            return "-";
        }
        return String.format(Locale.ROOT, "%.1f s", number.longValue() / 1000.0);
    }

    /** "-" when the journal does not fill. */
    static String timeToFull(@Nullable Object seconds) {
        if (!(seconds instanceof Number number) || number.longValue() < 0) {
            return "-";
        }
        Duration left = Duration.ofSeconds(number.longValue());
        if (left.toDays() > 0) {
            return left.toDays() + " d " + left.toHoursPart() + " h";
        }
        if (left.toHours() > 0) {
            return left.toHours() + " h " + left.toMinutesPart() + " min";
        }
        return left.toMinutes() > 0 ? left.toMinutes() + " min" : left.toSeconds() + " s";
    }

    static String part(@Nullable Object used, @Nullable Object whole) {
        if (used instanceof Number part && whole instanceof Number all && all.longValue() > 0) {
            double percent = part.doubleValue() * 100 / all.doubleValue();
            return String.format(Locale.ROOT, "%.0f %% of %s", percent, size(whole));
        }
        return "-";
    }
}
