package io.sluice.storage.rebuild;

import java.util.List;
import java.util.UUID;

/**
 * What a rebuild found, and did or would do.
 *
 * @param volume whose
 * @param name of it
 * @param identityFrom the object that said who the volume is
 * @param newestManifestSound whether that is the newest manifest
 * @param unusable manifests and copies of its identity that cannot be used, and why
 * @param sizeBytes of the volume as it is rebuilt
 * @param segments what the bucket holds
 * @param bucketSequence end of the write history in it
 * @param bucketTimeMillis when its newest write was acknowledged, milliseconds since 1970; 0: nothing tells
 * @param losses segments that cannot be read, or not as a whole
 * @param differences against the mapping as it was
 * @param refusals why it does not write, one sentence each; empty when it may
 * @param notes what else an operator should know
 * @param written what was written
 */
public record RebuildReport(
        UUID volume,
        String name,
        String identityFrom,
        boolean newestManifestSound,
        List<String> unusable,
        long sizeBytes,
        Segments segments,
        long bucketSequence,
        long bucketTimeMillis,
        List<Loss> losses,
        Differences differences,
        List<String> refusals,
        List<String> notes,
        Written written) {
    /** Copies the lists. */
    public RebuildReport {
        unusable = List.copyOf(unusable);
        losses = List.copyOf(losses);
        refusals = List.copyOf(refusals);
        notes = List.copyOf(notes);
    }

    /** Blocks {@code lba} to {@code lba + blocks - 1}, of 4096 bytes each. */
    public record BlockRange(long lba, long blocks) {}

    /**
     * The series.
     *
     * @param listed objects
     * @param counted that make up the volume
     * @param last number of the last one
     * @param missing numbers below that are not there: deleted by the collector
     * @param orphans numbers that do not count: left over from gateways that were fenced, or that died while sending
     */
    public record Segments(long listed, long counted, long last, long missing, List<Long> orphans) {
        /** Copies the list. */
        public Segments {
            orphans = List.copyOf(orphans);
        }
    }

    /**
     * A segment that cannot be read, or not as a whole.
     *
     * @param object its key
     * @param problem what is wrong
     * @param known whether its header can be read, so that {@code affected} is known
     * @param affected blocks whose newest content only it holds and that cannot be read; empty when it is not known
     */
    public record Loss(String object, String problem, boolean known, List<BlockRange> affected) {
        /** Copies the list. */
        public Loss {
            affected = List.copyOf(affected);
        }
    }

    /**
     * Against the mapping of the newest manifest.
     *
     * @param compared whether that could be read
     * @param blocks that stand at another place than before, or were not there, or are not any more
     * @param ranges the first of them
     */
    public record Differences(boolean compared, long blocks, List<BlockRange> ranges) {
        /** There was nothing to compare with. */
        public static final Differences UNKNOWN = new Differences(false, 0, List.of());

        /** Copies the list. */
        public Differences {
            ranges = List.copyOf(ranges);
        }
    }

    /**
     * What was written; all 0 when nothing was.
     *
     * @param manifest number of the new manifest
     * @param epoch in it
     * @param fence number of the fence segment
     * @param checkpointObjects written
     */
    public record Written(long manifest, long epoch, long fence, long checkpointObjects) {
        /** Nothing. */
        public static final Written NOTHING = new Written(0, 0, 0, 0);
    }

    RebuildReport with(Written what) {
        return new RebuildReport(
                volume,
                name,
                identityFrom,
                newestManifestSound,
                unusable,
                sizeBytes,
                segments,
                bucketSequence,
                bucketTimeMillis,
                losses,
                differences,
                refusals,
                notes,
                what);
    }
}
