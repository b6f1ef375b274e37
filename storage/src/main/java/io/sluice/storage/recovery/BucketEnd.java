package io.sluice.storage.recovery;

import io.sluice.storage.segment.SegmentHeader;
import java.util.Optional;

/**
 * Where the volume ends in the bucket, as an opening found it before it put anything there, and what is recorded of
 * writes behind that.
 *
 * <p>Writes behind the end leave a record when their segment was durable while one before it was not: it does not count,
 * but its header says how far writes had been acknowledged. What was never on its way to the bucket leaves none.
 *
 * @param sequence every write below is in the bucket, none from here on
 * @param timeMillis when the newest write in the bucket was acknowledged, milliseconds since 1970, 0 when unknown
 * @param newerSequence writes up to here are known to have been acknowledged; at least {@code sequence}
 * @param newerTimeMillis when the newest of these was acknowledged, 0 when unknown
 */
public record BucketEnd(long sequence, long timeMillis, long newerSequence, long newerTimeMillis) {
    /** Nothing is recorded of writes behind the end. */
    BucketEnd(long sequence, long timeMillis) {
        this(sequence, timeMillis, sequence, timeMillis);
    }

    /** The same end, and {@code orphan} as a record of writes behind it. */
    BucketEnd with(Optional<SegmentHeader> orphan) {
        return orphan.filter(header -> header.endSequence() > newerSequence)
                .map(header -> new BucketEnd(sequence, timeMillis, header.endSequence(), header.wallTimeMillis()))
                .orElse(this);
    }
}
