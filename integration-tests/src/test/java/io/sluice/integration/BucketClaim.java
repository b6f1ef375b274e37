package io.sluice.integration;

import java.util.Map;

/**
 * What a server says of a volume that it has opened from the bucket alone: up to where its history goes there.
 *
 * @param text for messages
 * @param moments of the host's clock that fit the sequence number
 * @param timeMillis when the newest write that is there was acknowledged, 0 when the server does not know
 */
record BucketClaim(String text, Moments moments, long timeMillis) {
    /** Takes it from the section "opening" of the volume's status. */
    static BucketClaim of(Map<?, ?> opening, SequenceLog log) {
        long sequence = number(opening, "bucketSequence");
        long timeMillis = number(opening, "bucketTimeMillis");
        Moments moments = log.momentsOf(sequence);
        return new BucketClaim(
                "the bucket goes up to sequence " + sequence + " of " + timeMillis + ", so the moments " + moments,
                moments,
                timeMillis);
    }

    /**
     * As {@link #of}, of the time only: who takes a volume over goes on far behind the numbers that the gateway before may have
     * used, so once one has (and has died), the number tells nothing of the writes that were lost before.
     */
    static BucketClaim ofTime(Map<?, ?> opening) {
        long timeMillis = number(opening, "bucketTimeMillis");
        return new BucketClaim("the bucket is of " + timeMillis, Moments.between(0, Moments.NEVER), timeMillis);
    }

    static long number(Map<?, ?> opening, String name) {
        if (opening.get(name) instanceof Number number) {
            return number.longValue();
        }
        throw new AssertionError("no " + name + " in " + opening);
    }
}
