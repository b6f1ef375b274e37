package io.sluice.storage.inspection;

import io.sluice.storage.checkpoint.CheckpointFacts;
import io.sluice.storage.checkpoint.CheckpointScan;
import io.sluice.storage.checkpoint.CheckpointVisitor;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.ObjectNames;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Opens every page of the checkpoint, counts again what its tables say, and compares. Memory: about 200 bytes per segment
 * and per checkpoint object. Confined to the view's lane.
 */
final class CheckpointCheck implements CheckpointVisitor {
    private final BucketVolume view;
    private final ObjectCensus census;
    private final FindingList findings;
    private final ObjectNames names;
    private final Map<Long, Segment> table = new HashMap<>();
    private final Map<Long, long[]> counted = new HashMap<>();
    private final Map<Long, long[]> reachedBytes = new HashMap<>();
    private boolean complete = true;
    private long pages;
    private long lastCounted = -1;
    private long[] lastCount = new long[1];

    CheckpointCheck(BucketVolume view, ObjectCensus census, FindingList findings) {
        this.view = view;
        this.census = census;
        this.findings = findings;
        this.names = view.names();
    }

    CompletableFuture<Void> run(int requests) {
        return new CheckpointScan(
                        view.manifest().volume(),
                        view.manifest().checkpoint(),
                        view.access().store(),
                        names::checkpoint,
                        view.sealing(),
                        view.lane(),
                        requests,
                        this)
                .run()
                .thenAcceptAsync(this::compare, view.lane());
    }

    /** The segment table, by number. */
    Map<Long, Segment> table() {
        return table;
    }

    /** Pages read. */
    long pages() {
        return pages;
    }

    @Override
    public void page(Page page) {
        pages++;
        reachedBytes.computeIfAbsent(page.object(), object -> new long[1])[0] += page.storedBytes();
    }

    @Override
    public void locators(Page page, long[] locators) {
        for (int i = 0; i < locators.length; i++) {
            long locator = locators[i];
            if (Locator.isSegment(locator)) {
                count(Locator.segmentNumber(locator));
                if (page.first() + i >= view.blocks()) {
                    mistake(page, "block " + (page.first() + i) + " lies behind the end of the volume");
                }
            } else if (locator != Locator.ZERO) {
                mistake(page, "block " + (page.first() + i) + " has the locator " + Locator.describe(locator));
            }
        }
    }

    private void count(long segment) {
        if (segment != lastCounted) {
            lastCounted = segment;
            lastCount = counted.computeIfAbsent(segment, number -> new long[1]);
        }
        lastCount[0]++;
    }

    @Override
    public void segment(Segment segment) {
        table.put(segment.number(), segment);
    }

    @Override
    public void mistake(Page page, String what) {
        findings.add(
                CheckFinding.Kind.CHECKPOINT_POINTER, names.checkpoint(page.object()), describe(page) + ": " + what);
    }

    @Override
    public void unreadable(Page page, Throwable failure) {
        complete = false;
        CheckFinding.Blocks blocks = new CheckFinding.Blocks();
        long end = Math.min(view.blocks(), page.first() + page.count());
        if (page.ofMap() && end > page.first()) {
            blocks.add(page.first(), end - page.first());
        }
        findings.add(blocks.finding(
                CheckFinding.Kind.CHECKPOINT_PAGE,
                names.checkpoint(page.object()) + " at " + page.offsetBytes(),
                describe(page) + ": " + MappingReader.reason(failure)
                        + "; \"sluice volume rebuild\" makes the mapping anew from the segments"));
    }

    private static String describe(Page page) {
        return "page of the " + (page.ofMap() ? "mapping" : "segment table") + ", level " + page.level() + ", for "
                + (page.ofMap() ? "blocks " : "segments ") + page.first() + " to " + (page.first() + page.count() - 1);
    }

    private void compare(CheckpointFacts facts) {
        compareObjects(facts);
        if (!complete) {
            return;
        }
        counted.forEach((number, count) -> compareLive(number, count[0], facts));
        table.forEach((number, entry) -> {
            if (!counted.containsKey(number)) {
                compareLive(number, 0, facts);
            }
        });
    }

    private void compareLive(long number, long count, CheckpointFacts facts) {
        Segment entry = table.get(number);
        if (entry == null) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_TABLE,
                    names.segment(number),
                    count + " blocks stand in it, and the segment table does not have it: it could be taken for dead");
        } else if (entry.liveBlocks() < count) {
            findings.add(
                    CheckFinding.Kind.LIVE_COUNT_LOW,
                    names.segment(number),
                    "the segment table counts " + entry.liveBlocks() + " live blocks, there are " + count
                            + ": it could be deleted too early");
        } else if (entry.liveBlocks() > count && facts.drops() == 0) {
            findings.add(
                    CheckFinding.Kind.LIVE_COUNT_HIGH,
                    names.segment(number),
                    "the segment table counts " + entry.liveBlocks() + " live blocks, there are " + count
                            + ": its space may never be freed");
        }
        if (entry != null && entry.liveBlocks() == 0 && entry.deadSince() == 0) {
            findings.add(
                    CheckFinding.Kind.LIVE_COUNT_HIGH,
                    names.segment(number),
                    "it has no live block, and the segment table does not say since when");
        }
    }

    private void compareObjects(CheckpointFacts facts) {
        facts.objects().forEach((number, object) -> {
            Long size = census.checkpoints().get(number);
            if (size == null) {
                if (object.liveBytes() > 0) {
                    findings.add(
                            CheckFinding.Kind.CHECKPOINT_OBJECT_MISSING,
                            names.checkpoint(number),
                            "is missing; the checkpoint reaches " + object.liveBytes() + " bytes in it");
                }
            } else if (object.totalBytes() != 0 && object.totalBytes() != size) {
                findings.add(
                        CheckFinding.Kind.CHECKPOINT_OBJECT_LENGTH,
                        names.checkpoint(number),
                        "is " + size + " bytes long, but was written with " + object.totalBytes());
            }
            long reached = reachedBytes.getOrDefault(number, new long[1])[0];
            boolean exact = facts.drops() == 0;
            if (complete && (exact ? reached != object.liveBytes() : reached > object.liveBytes())) {
                findings.add(
                        CheckFinding.Kind.CHECKPOINT_BYTES,
                        names.checkpoint(number),
                        "the root counts " + object.liveBytes() + " live bytes, there are " + reached);
            }
        });
        census.checkpoints().forEach((number, size) -> {
            boolean underWay = number >= facts.nextObject() && !view.manifest().clean();
            if (!facts.objects().containsKey(number) && !underWay) {
                findings.add(
                        CheckFinding.Kind.CHECKPOINT_OBJECT_UNKNOWN,
                        names.checkpoint(number),
                        "is no part of the checkpoint: " + size + " bytes left over");
            }
        });
    }
}
