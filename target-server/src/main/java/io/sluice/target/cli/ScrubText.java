package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A scrub's progress and report, as {@link ScrubAnswers} has them, for people. */
final class ScrubText {
    private static final int RANGES_SHOWN = 20;

    private ScrubText() {}

    /** One line. */
    static String progress(Map<String, Object> progress) {
        long left = number(progress, "secondsLeft");
        String message = String.valueOf(progress.get("message"));
        return String.format(
                java.util.Locale.ROOT,
                "%s%% of %s, %d of %d objects, %s/s%s%s%s",
                progress.get("percent"),
                size(number(progress, "bytesTotal")),
                number(progress, "objectsDone"),
                number(progress, "objectsTotal"),
                size(number(progress, "bytesPerSecond")),
                left < 0 ? "" : ", about " + time(left) + " left",
                number(progress, "damagedObjects") == 0 ? "" : ", " + number(progress, "damagedObjects") + " DAMAGED",
                message.isEmpty() ? "" : "; " + message);
    }

    /** Everything. */
    static void report(Map<String, Object> report, PrintWriter out) {
        long seconds = (number(report, "endedMillis") - number(report, "startedMillis")) / 1000;
        out.println("volume " + report.get("volume") + ": read " + number(report, "segments") + " segments, "
                + number(report, "checkpoints") + " checkpoint objects, " + number(report, "manifests")
                + " manifests and "
                + number(report, "identityCopies") + " identity copies, " + size(number(report, "bytes")) + ", within "
                + time(seconds) + (Boolean.TRUE.equals(report.get("resumed")) ? " (with an interruption)" : ""));
        long unreferenced = number(report, "unreferenced");
        if (unreferenced > 0) {
            out.println(unreferenced + " objects are not in use and were not read");
        }
        List<?> findings = (List<?>) report.getOrDefault("findings", List.of());
        for (Object finding : findings) {
            finding((Map<?, ?>) finding, out);
        }
        for (Object note : (List<?>) report.getOrDefault("notes", List.of())) {
            out.println("note: " + note);
        }
        out.println(
                findings.isEmpty()
                        ? "clean: every byte is as it was written"
                        : findings.size() + (findings.size() == 1 ? " object is" : " objects are") + " DAMAGED");
    }

    private static void finding(Map<?, ?> finding, PrintWriter out) {
        out.println("DAMAGED: " + finding.get("object") + ": " + finding.get("what"));
        List<?> ranges = finding.get("affected") instanceof List<?> list ? list : List.of();
        if (ranges.isEmpty()) {
            out.println("  no block of the volume that is in use is known to depend on it");
            return;
        }
        out.println("  affects " + size(number(finding, "affectedBytes")) + " of the volume:");
        for (Object range : ranges.subList(0, Math.min(RANGES_SHOWN, ranges.size()))) {
            Map<?, ?> one = (Map<?, ?>) range;
            long lba = number(one, "lba");
            out.println("    LBA " + lba + " to " + (lba + number(one, "blocks") - 1) + " (byte "
                    + number(one, "offsetBytes") + ", " + number(one, "lengthBytes") + " bytes)");
        }
        if (ranges.size() > RANGES_SHOWN) {
            out.println("    and " + (ranges.size() - RANGES_SHOWN) + " more ranges: --json has all of them");
        }
        long cached = number(finding, "framesCached");
        long frames = number(finding, "framesAffected");
        if (cached >= 0 && frames > 0) {
            out.println(
                    cached == 0
                            ? "  the read cache of the server has none of it"
                            : "  the read cache of the server still has " + cached + " of " + frames
                                    + " frames: copy these blocks to a safe place now, they may be evicted");
        }
    }

    private static long number(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof Number number ? number.longValue() : 0;
    }

    private static String size(long bytes) {
        return bytes < 10_000_000 ? bytes / 1000 + " kB" : new ByteSize(bytes - bytes % (1 << 20)).toString();
    }

    private static String time(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        return time.toHours() > 0
                ? time.toHours() + " h " + time.toMinutesPart() + " min"
                : time.toMinutes() > 0 ? time.toMinutes() + " min " + time.toSecondsPart() + " s" : seconds + " s";
    }
}
