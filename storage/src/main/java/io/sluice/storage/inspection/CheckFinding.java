package io.sluice.storage.inspection;

import java.util.ArrayList;
import java.util.List;

/**
 * Something that a check found.
 *
 * @param kind what it is
 * @param object the object or file it is about
 * @param text what is wrong, for a person
 * @param blocks blocks of the newest state that it affects, in order; at most {@link #RANGES_MAX} ranges
 * @param blockCount how many blocks those are altogether, also those in ranges left out
 */
public record CheckFinding(Kind kind, String object, String text, List<Range> blocks, long blockCount) {
    /** Most ranges of one finding. */
    public static final int RANGES_MAX = 1000;

    /** Copies the list. */
    public CheckFinding {
        blocks = List.copyOf(blocks);
    }

    /** Without blocks. */
    CheckFinding(Kind kind, String object, String text) {
        this(kind, object, text, List.of(), 0);
    }

    /** Blocks {@code firstBlock} to {@code firstBlock + count - 1}, 4 KiB each. */
    public record Range(long firstBlock, long count) {}

    /** How bad it is. */
    public enum Severity {
        /** Data is lost or wrong, or will be when nothing is done. */
        ERROR,
        /** Something is left over, or in disorder; no data is affected. */
        WARNING,
        /** Worth knowing. */
        INFORMATION
    }

    /** What can be found; the code is stable. */
    public enum Kind {
        MANIFEST_DAMAGED("manifest-damaged", Severity.ERROR),
        MANIFEST_OLD_DAMAGED("manifest-old-damaged", Severity.WARNING),
        MANIFEST_ORDER("manifest-order", Severity.WARNING),
        CHECKPOINT_ROOT("checkpoint-root", Severity.ERROR),
        CHECKPOINT_PAGE("checkpoint-page", Severity.ERROR),
        CHECKPOINT_POINTER("checkpoint-pointer", Severity.WARNING),
        CHECKPOINT_OBJECT_MISSING("checkpoint-object-missing", Severity.ERROR),
        CHECKPOINT_OBJECT_LENGTH("checkpoint-object-length", Severity.ERROR),
        CHECKPOINT_OBJECT_UNKNOWN("checkpoint-object-unknown", Severity.WARNING),
        CHECKPOINT_BYTES("checkpoint-bytes", Severity.WARNING),
        LIVE_COUNT_LOW("live-count-low", Severity.ERROR),
        LIVE_COUNT_HIGH("live-count-high", Severity.WARNING),
        SEGMENT_MISSING("segment-missing", Severity.ERROR),
        SEGMENT_LENGTH("segment-length", Severity.ERROR),
        SEGMENT_HEADER("segment-header", Severity.ERROR),
        SEGMENT_FOOTER("segment-footer", Severity.ERROR),
        SEGMENT_DEAD_DAMAGED("segment-dead-damaged", Severity.WARNING),
        SEGMENT_ORDER("segment-order", Severity.ERROR),
        SEGMENT_TABLE("segment-table", Severity.ERROR),
        SEGMENT_ZEROS("segment-zeros", Severity.WARNING),
        SEGMENT_UNKNOWN("segment-unknown", Severity.WARNING),
        SEGMENT_BEHIND_END("segment-behind-end", Severity.WARNING),
        SEGMENT_UNDER_WAY("segment-under-way", Severity.INFORMATION),
        FENCE_MISSING("fence-missing", Severity.WARNING),
        LOCATOR("locator", Severity.ERROR),
        OBJECT_UNKNOWN("object-unknown", Severity.WARNING),
        CACHE_UNREADABLE("cache-unreadable", Severity.ERROR),
        CACHE_JOURNAL("cache-journal", Severity.INFORMATION),
        CACHE_JOURNAL_DAMAGED("cache-journal-damaged", Severity.ERROR),
        CACHE_FOREIGN("cache-foreign", Severity.WARNING),
        UNCONFIRMED("unconfirmed", Severity.INFORMATION);

        private final String code;
        private final Severity severity;

        Kind(String code, Severity severity) {
            this.code = code;
            this.severity = severity;
        }

        /** Its name in reports. */
        public String code() {
            return code;
        }

        public Severity severity() {
            return severity;
        }
    }

    /** Whether {@code other} says the same of the same object. */
    boolean isSameAs(CheckFinding other) {
        return kind == other.kind && object.equals(other.object);
    }

    /** Gathers the blocks of one finding, in ascending order, neighbours merged. */
    static final class Blocks {
        private final List<Range> ranges = new ArrayList<>();
        private long count;

        void add(long first, long blocks) {
            count += blocks;
            int last = ranges.size() - 1;
            if (last >= 0 && ranges.get(last).firstBlock() + ranges.get(last).count() == first) {
                ranges.set(
                        last,
                        new Range(
                                ranges.get(last).firstBlock(), ranges.get(last).count() + blocks));
            } else if (ranges.size() < RANGES_MAX) {
                ranges.add(new Range(first, blocks));
            }
        }

        long count() {
            return count;
        }

        CheckFinding finding(Kind kind, String object, String text) {
            return new CheckFinding(kind, object, text, ranges, count);
        }
    }
}
