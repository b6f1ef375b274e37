package io.sluice.storage.object;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Counts of one operation for one cause. Thread-safe; numbers only grow. */
final class RequestMeter {
    /** Latency below 2^n microseconds counts in bucket n; the last takes the rest (about half an hour). */
    static final int LATENCY_BUCKETS = 32;

    private final LongAdder requests = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder bytesUploaded = new LongAdder();
    private final LongAdder bytesDownloaded = new LongAdder();
    private final LongAdder latencyNanos = new LongAdder();
    private final LongAccumulator latencyNanosMax = new LongAccumulator(Math::max, 0);
    private final LongAdder[] latencyBuckets = new LongAdder[LATENCY_BUCKETS];

    RequestMeter() {
        for (int i = 0; i < latencyBuckets.length; i++) {
            latencyBuckets[i] = new LongAdder();
        }
    }

    void began(long requestCount, long uploadBytes) {
        requests.add(requestCount);
        bytesUploaded.add(uploadBytes);
    }

    void retried() {
        retries.increment();
    }

    void succeeded(long nanos, long downloadBytes) {
        bytesDownloaded.add(downloadBytes);
        ended(nanos);
    }

    void failed(long nanos) {
        failures.increment();
        ended(nanos);
    }

    private void ended(long nanos) {
        latencyNanos.add(nanos);
        latencyNanosMax.accumulate(nanos);
        latencyBuckets[bucketOf(nanos)].increment();
    }

    static int bucketOf(long nanos) {
        long micros = Math.max(0, nanos / 1000);
        return Math.min(LATENCY_BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(micros));
    }

    RequestStatistics statistics(ObjectOperation operation, RequestCause cause) {
        long[] buckets = new long[LATENCY_BUCKETS];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = latencyBuckets[i].sum();
        }
        return new RequestStatistics(
                operation,
                cause,
                requests.sum(),
                retries.sum(),
                failures.sum(),
                new RequestStatistics.Bytes(bytesUploaded.sum(), bytesDownloaded.sum()),
                new RequestStatistics.Latency(latencyNanos.sum(), latencyNanosMax.get(), buckets));
    }
}
