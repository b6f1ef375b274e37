package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import io.sluice.storage.rebuild.RebuildReport;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report of a rebuild for people and as JSON; REBUILD.md documents the fields. */
final class RebuildText {
    private static final int BLOCK_BYTES = 4096;
    private static final int RANGES_SHOWN = 20;

    private RebuildText() {}

    static void print(RebuildReport report, PrintWriter out) {
        RebuildReport.Segments segments = report.segments();
        out.println(
                "volume " + report.name() + ", identity " + report.volume() + ", " + new ByteSize(report.sizeBytes())
                        + "; from " + report.identityFrom()
                        + (report.newestManifestSound() ? "" : " (NOT the newest manifest)"));
        report.unusable().forEach(one -> out.println("unusable: " + one));
        out.println(segments.listed() + " segments, " + segments.counted() + " count, the last one is "
                + segments.last() + "; " + segments.missing() + " numbers below are not there any more");
        if (!segments.orphans().isEmpty()) {
            out.println(segments.orphans().size() + " orphans do not count: " + shortened(segments.orphans()));
        }
        out.println("sequence " + report.bucketSequence()
                + (report.bucketTimeMillis() == 0
                        ? ""
                        : ", newest write of " + Instant.ofEpochMilli(report.bucketTimeMillis())));
        report.losses().forEach(loss -> print(loss, out));
        RebuildReport.Differences differences = report.differences();
        out.println(
                !differences.compared()
                        ? "the mapping as it was cannot be read: nothing to compare with"
                        : differences.blocks() == 0
                                ? "no difference to the mapping as it was"
                                : differences.blocks() + " blocks differ from the mapping as it was: "
                                        + text(differences.ranges()));
        report.notes().forEach(note -> out.println("note: " + note));
        report.refusals().forEach(refusal -> out.println("REFUSED: " + refusal));
        RebuildReport.Written written = report.written();
        if (written.manifest() > 0) {
            out.println("written: manifest " + written.manifest() + ", epoch " + written.epoch() + ", fence segment "
                    + written.fence() + ", " + written.checkpointObjects()
                    + " checkpoint objects; the volume can be opened");
        }
        out.flush();
    }

    private static void print(RebuildReport.Loss loss, PrintWriter out) {
        out.println("LOST: " + loss.object() + ": " + loss.problem());
        out.println(
                loss.known()
                        ? "  these blocks will fail to be read: " + text(loss.affected())
                        : "  which blocks stood in it is not known: they fall back to older content, or to zeros");
    }

    private static String shortened(List<Long> numbers) {
        String text = numbers.subList(0, Math.min(RANGES_SHOWN, numbers.size())).toString();
        return numbers.size() > RANGES_SHOWN ? text + " and more" : text;
    }

    private static String text(List<RebuildReport.BlockRange> ranges) {
        if (ranges.isEmpty()) {
            return "none that is in use";
        }
        StringBuilder text = new StringBuilder();
        for (RebuildReport.BlockRange range : ranges.subList(0, Math.min(RANGES_SHOWN, ranges.size()))) {
            text.append(text.isEmpty() ? "bytes " : ", ")
                    .append(range.lba() * BLOCK_BYTES)
                    .append(" to ")
                    .append((range.lba() + range.blocks()) * BLOCK_BYTES - 1);
        }
        return ranges.size() > RANGES_SHOWN
                ? text + ", and " + (ranges.size() - RANGES_SHOWN) + " more ranges (--json)"
                : text.toString();
    }

    static Map<String, Object> fields(RebuildReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("volume", report.name());
        fields.put("identity", report.volume().toString());
        fields.put("identityFrom", report.identityFrom());
        fields.put("newestManifestSound", report.newestManifestSound());
        fields.put("unusable", report.unusable());
        fields.put("sizeBytes", report.sizeBytes());
        fields.put("segmentsListed", report.segments().listed());
        fields.put("segmentsCounted", report.segments().counted());
        fields.put("lastSegment", report.segments().last());
        fields.put("segmentsMissing", report.segments().missing());
        fields.put("orphans", report.segments().orphans());
        fields.put("sequence", report.bucketSequence());
        fields.put("newestWriteMillis", report.bucketTimeMillis());
        List<Map<String, ?>> losses = new ArrayList<>();
        report.losses()
                .forEach(loss -> losses.add(Map.of(
                        "object", loss.object(),
                        "problem", loss.problem(),
                        "blocksKnown", loss.known(),
                        "affected", ranges(loss.affected()))));
        fields.put("losses", losses);
        fields.put("compared", report.differences().compared());
        fields.put("differentBytes", report.differences().blocks() * BLOCK_BYTES);
        fields.put("different", ranges(report.differences().ranges()));
        fields.put("refusals", report.refusals());
        fields.put("notes", report.notes());
        fields.put("written", report.written().manifest() > 0);
        fields.put("manifest", report.written().manifest());
        fields.put("epoch", report.written().epoch());
        fields.put("fenceSegment", report.written().fence());
        fields.put("checkpointObjects", report.written().checkpointObjects());
        return fields;
    }

    private static List<Map<String, ?>> ranges(List<RebuildReport.BlockRange> ranges) {
        List<Map<String, ?>> rows = new ArrayList<>();
        ranges.forEach(range -> rows.add(
                Map.of("offsetBytes", range.lba() * BLOCK_BYTES, "lengthBytes", range.blocks() * BLOCK_BYTES)));
        return rows;
    }
}
