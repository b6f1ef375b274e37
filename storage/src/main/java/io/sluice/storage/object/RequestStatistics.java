package io.sluice.storage.object;

/**
 * What was counted of one operation for one cause since the store was opened.
 *
 * @param requests requests begun, without retries
 * @param retries attempts after the first; the bill is {@code requests + retries}
 * @param failures requests that failed in the end
 * @param bytes bytes of bodies
 * @param latency from the begin of a request to its end, retries and waiting included
 */
public record RequestStatistics(
        ObjectOperation operation,
        RequestCause cause,
        long requests,
        long retries,
        long failures,
        Bytes bytes,
        Latency latency) {

    /** Bytes of bodies sent and received. */
    public record Bytes(long uploaded, long downloaded) {}

    /**
     * Times of requests that ended.
     *
     * @param nanosTotal their sum
     * @param nanosMax the longest
     * @param buckets how many took less than 2^n microseconds, but not less than 2^(n-1), by n
     */
    public record Latency(long nanosTotal, long nanosMax, long[] buckets) {
        /** Requests that ended. */
        public long count() {
            long sum = 0;
            for (long bucket : buckets) {
                sum += bucket;
            }
            return sum;
        }

        /** Upper bound, in microseconds, of what {@code share} (0-1) of the requests took; 0 when there were none. */
        public long microsAtShare(double share) {
            double wanted = share * count();
            long seen = 0;
            for (int i = 0; i < buckets.length; i++) {
                seen += buckets[i];
                if (seen > 0 && seen >= wanted) {
                    return 1L << i;
                }
            }
            return 0;
        }
    }

    /** "put/FLUSH". */
    public String label() {
        return operation.label() + "/" + cause.name();
    }

    /** What the provider bills. */
    public long billedRequests() {
        return requests + retries;
    }
}
