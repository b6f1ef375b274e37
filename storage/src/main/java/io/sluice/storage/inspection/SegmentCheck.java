package io.sluice.storage.inspection;

import io.sluice.storage.checkpoint.CheckpointVisitor;
import io.sluice.storage.checkpoint.CheckpointVisitor.Segment;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Compares segment table and listing, reads both ends of every segment, and has the mapping compared with their frames, in
 * batches that fit into memory. Confined to the view's lane.
 */
final class SegmentCheck {
    private final BucketVolume view;
    private final ObjectCensus census;
    private final Map<Long, CheckpointVisitor.Segment> table;
    private final CheckOptions options;
    private final FindingList findings;
    private final CheckProgress progress;
    private final ObjectNames names;
    private final SegmentEnds ends;
    private final SegmentSeries series;
    private final Iterator<Map.Entry<Long, Long>> left;
    private final Map<Long, CheckFinding> suspicions = new TreeMap<>();
    private long looked;
    private long mappedBlocks;

    SegmentCheck(
            BucketVolume view,
            ObjectCensus census,
            Map<Long, CheckpointVisitor.Segment> table,
            CheckOptions options,
            FindingList findings,
            CheckProgress progress) {
        this.view = view;
        this.census = census;
        this.table = table;
        this.options = options;
        this.findings = findings;
        this.progress = progress;
        this.names = view.names();
        this.ends = new SegmentEnds(view);
        this.series = new SegmentSeries(view, findings);
        this.left = census.segments().entrySet().iterator();
    }

    CompletableFuture<Void> run() {
        MappingCheck first = new MappingCheck(view, progress);
        table.values().stream()
                .filter(entry -> entry.liveBlocks() > 0 && !census.segments().containsKey(entry.number()))
                .forEach(entry -> suspect(
                        first,
                        new CheckFinding(
                                CheckFinding.Kind.SEGMENT_MISSING,
                                names.segment(entry.number()),
                                "is missing; the segment table has it with " + entry.liveBlocks() + " live blocks"),
                        entry.number()));
        return batch(first);
    }

    /** Objects looked at. */
    long looked() {
        return looked;
    }

    /** Blocks of the newest state that stand in segments. */
    long mappedBlocks() {
        return mappedBlocks;
    }

    private CompletableFuture<Void> batch(MappingCheck mapping) {
        return new Batch(mapping)
                .start()
                .thenComposeAsync(done -> mapping.run(), view.lane())
                .thenComposeAsync(
                        done -> {
                            mappedBlocks = mapping.mappedBlocks();
                            tell(mapping);
                            if (left.hasNext()) {
                                return batch(new MappingCheck(view, progress));
                            }
                            series.tell();
                            return CompletableFuture.<Void>completedFuture(null);
                        },
                        view.lane());
    }

    private void suspect(MappingCheck mapping, CheckFinding finding, long segment) {
        mapping.gather(segment);
        suspicions.putIfAbsent(segment, finding);
    }

    private void tell(MappingCheck mapping) {
        mapping.suspects().forEach((segment, blocks) -> {
            CheckFinding suspicion = suspicions.remove(segment);
            if (suspicion != null) {
                boolean needed = blocks.count() > 0
                        || segment > view.manifest().checkpoint().coversSegment();
                findings.add(blocks.finding(
                        needed ? suspicion.kind() : CheckFinding.Kind.SEGMENT_DEAD_DAMAGED,
                        suspicion.object(),
                        suspicion.text() + (needed ? "" : "; no block of the newest state stands in it")));
            }
        });
        mapping.wrong()
                .forEach((segment, blocks) -> findings.add(blocks.finding(
                        CheckFinding.Kind.LOCATOR,
                        names.segment(segment),
                        "the mapping names places in it that do not hold these blocks")));
    }

    /** Reads the ends of the next segments, side by side, and takes them in order. */
    private final class Batch {
        private final MappingCheck mapping;
        private final Deque<Asked> asked = new ArrayDeque<>();
        private final CompletableFuture<Void> result = new CompletableFuture<>();

        private record Asked(long number, long sizeBytes, CompletableFuture<SegmentEnds.Found> found) {}

        Batch(MappingCheck mapping) {
            this.mapping = mapping;
        }

        CompletableFuture<Void> start() {
            goOn();
            return result;
        }

        private void goOn() {
            while (asked.size() < options.requests()
                    && left.hasNext()
                    && mapping.framesBlocks() < options.framesBlocksMax()) {
                Map.Entry<Long, Long> next = left.next();
                asked.add(new Asked(next.getKey(), next.getValue(), ends.read(next.getKey(), next.getValue())));
            }
            if (asked.isEmpty()) {
                result.complete(null);
                return;
            }
            Asked first = asked.remove();
            Futures.then(first.found(), view.lane(), (found, failure) -> {
                if (found == null) {
                    result.completeExceptionally(failure == null ? new IllegalStateException("no ends") : failure);
                } else {
                    looked++;
                    progress.at("segments", looked, census.segments().size());
                    take(mapping, first.number(), first.sizeBytes(), found);
                    goOn();
                }
            });
        }
    }

    private void take(MappingCheck mapping, long number, long sizeBytes, SegmentEnds.Found found) {
        Segment entry = table.get(number);
        boolean counts = number <= view.lastSegment();
        List<CheckFinding> wrong = new ArrayList<>();
        found.headerDamage()
                .ifPresent(why -> wrong.add(new CheckFinding(
                        CheckFinding.Kind.SEGMENT_HEADER, names.segment(number), headerText(number, why))));
        found.footerDamage()
                .ifPresent(why -> wrong.add(new CheckFinding(
                        CheckFinding.Kind.SEGMENT_FOOTER, names.segment(number), MappingReader.reason(why))));
        if (entry != null && entry.storedBytes() != sizeBytes) {
            wrong.add(
                    0,
                    new CheckFinding(
                            CheckFinding.Kind.SEGMENT_LENGTH,
                            names.segment(number),
                            "is " + sizeBytes + " bytes long, but was written with " + entry.storedBytes()));
        }
        if (!wrong.isEmpty() && (counts || view.point().checkpointOnly())) {
            suspect(mapping, wrong.get(0), number);
        } else if (!wrong.isEmpty()) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_BEHIND_END,
                    names.segment(number),
                    "stands behind the end of the volume and cannot be read: "
                            + wrong.get(0).text());
        }
        found.header().ifPresent(header -> takeHeader(mapping, header, entry, wrong.isEmpty()));
    }

    private String headerText(long number, Throwable why) {
        String reason = MappingReader.reason(why);
        if (number > view.manifest().checkpoint().coversSegment()
                && view.point().checkpointOnly()) {
            return reason + "; it stands behind the checkpoint, so the volume cannot be opened: \"sluice restore"
                    + " --at-checkpoint\" brings back the state of the checkpoint";
        }
        return reason;
    }

    private void takeHeader(
            MappingCheck mapping,
            SegmentHeader header,
            @org.jspecify.annotations.Nullable Segment entry,
            boolean sound) {
        boolean fence = header.kind() == SegmentHeader.Kind.FENCE;
        boolean covered = header.number() <= view.manifest().checkpoint().coversSegment();
        series.take(header, entry);
        if (covered && entry == null && !fence) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_UNKNOWN,
                    names.segment(header.number()),
                    "the segment table does not have it: " + header.storedBytes() + " bytes left over");
        }
        if (covered && entry != null && entry.totalBlocks() != header.blockCount()) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_TABLE,
                    names.segment(header.number()),
                    "the segment table says that " + entry.totalBlocks() + " blocks are stored in it, its header "
                            + header.blockCount());
        }
        if (sound && header.number() <= view.lastSegment()) {
            mapping.compareWith(header);
        }
    }
}
