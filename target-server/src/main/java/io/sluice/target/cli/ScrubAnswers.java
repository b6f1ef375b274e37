package io.sluice.target.cli;

import io.sluice.storage.scrub.ScrubFinding;
import io.sluice.storage.scrub.ScrubProgress;
import io.sluice.storage.scrub.ScrubReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A scrub's progress and report as JSON: on the admin socket and for {@code --json}. SCRUB.md documents the fields. */
public final class ScrubAnswers {
    private static final int BLOCK_BYTES = 4096;

    private ScrubAnswers() {}

    /** How far it is. */
    public static Map<String, Object> of(ScrubProgress progress) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("state", progress.state().name().toLowerCase(Locale.ROOT));
        fields.put("percent", Math.round(progress.percent() * 10) / 10.0);
        fields.put("objectsTotal", progress.objectsTotal());
        fields.put("objectsDone", progress.objectsDone());
        fields.put("bytesTotal", progress.bytesTotal());
        fields.put("bytesDone", progress.bytesDone());
        fields.put("damagedObjects", progress.damagedObjects());
        fields.put("resumed", progress.resumed());
        fields.put("startedMillis", progress.startedMillis());
        fields.put("bytesPerSecond", progress.bytesPerSecond());
        fields.put("secondsLeft", progress.secondsLeft());
        fields.put("message", progress.message());
        return fields;
    }

    /** What it found in the volume called {@code name}. */
    public static Map<String, Object> of(String name, ScrubReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("volume", name);
        fields.put("identity", report.volume().toString());
        fields.put("clean", report.isClean());
        fields.put("manifest", report.manifest());
        fields.put("coversSegment", report.coversSegment());
        fields.put("startedMillis", report.startedMillis());
        fields.put("endedMillis", report.endedMillis());
        fields.put("resumed", report.resumed());
        fields.put("manifests", report.manifests());
        fields.put("identityCopies", report.identityCopies());
        fields.put("checkpoints", report.checkpoints());
        fields.put("segments", report.segments());
        fields.put("bytes", report.bytes());
        fields.put("unreferenced", report.unreferenced());
        fields.put("vanished", report.vanished());
        fields.put("logicalBlockBytes", report.logicalBlockBytes());
        List<Map<String, ?>> findings = new ArrayList<>();
        report.findings().forEach(finding -> findings.add(of(finding, report.logicalBlockBytes())));
        fields.put("findings", findings);
        fields.put("notes", report.notes());
        return fields;
    }

    private static Map<String, ?> of(ScrubFinding finding, int logicalBlockBytes) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("object", finding.damage().object());
        fields.put("missing", finding.damage().missing());
        fields.put("whole", finding.damage().whole());
        fields.put("what", finding.damage().what());
        fields.put("frames", finding.damage().frames());
        fields.put("framesAffected", finding.framesAffected());
        fields.put("framesCached", finding.framesCached());
        fields.put("affectedBytes", finding.affectedBlocks() * BLOCK_BYTES);
        List<Map<String, ?>> ranges = new ArrayList<>();
        for (ScrubFinding.BlockRange range : finding.affected()) {
            ranges.add(Map.of(
                    "lba",
                    range.lba() * BLOCK_BYTES / logicalBlockBytes,
                    "blocks",
                    range.blocks() * BLOCK_BYTES / logicalBlockBytes,
                    "offsetBytes",
                    range.lba() * BLOCK_BYTES,
                    "lengthBytes",
                    range.blocks() * BLOCK_BYTES));
        }
        fields.put("affected", ranges);
        return fields;
    }
}
