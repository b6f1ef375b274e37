package io.sluice.storage.object;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The meters of one store, by operation and cause. Thread-safe. */
public final class RequestMeters implements RetryListener {
    private final Map<ObjectOperation, Map<RequestCause, RequestMeter>> meters = new EnumMap<>(ObjectOperation.class);
    private final LongAdder uncertainPuts = new LongAdder();

    /** All at zero. */
    public RequestMeters() {
        for (ObjectOperation operation : ObjectOperation.values()) {
            Map<RequestCause, RequestMeter> byCause = new EnumMap<>(RequestCause.class);
            for (RequestCause cause : RequestCause.values()) {
                byCause.put(cause, new RequestMeter());
            }
            meters.put(operation, byCause);
        }
    }

    @Override
    public void retrying(ObjectOperation operation, RequestCause cause, ObjectStoreException reason) {
        meter(operation, cause).retried();
        noteFailure(operation, reason);
    }

    /** An attempt of {@code operation} has failed with {@code reason}. */
    void noteFailure(ObjectOperation operation, @Nullable Throwable reason) {
        boolean put = operation.isMutating() && operation != ObjectOperation.DELETE;
        ObjectStoreException known = reason == null ? null : ObjectStoreException.find(reason);
        if (put && (known == null || known.kind() == ObjectStoreException.Kind.UNAVAILABLE)) {
            uncertainPuts.increment();
        }
    }

    /** Attempts of puts of which it is not known whether they arrived, or still will. */
    long uncertainPuts() {
        return uncertainPuts.sum();
    }

    /** Everything that was counted; operations never asked for are left out. */
    public List<RequestStatistics> statistics() {
        List<RequestStatistics> all = new ArrayList<>();
        meters.forEach((operation, byCause) -> byCause.forEach((cause, meter) -> {
            RequestStatistics one = meter.statistics(operation, cause);
            if (one.requests() > 0) {
                all.add(one);
            }
        }));
        return all;
    }

    RequestMeter meter(ObjectOperation operation, RequestCause cause) {
        Map<RequestCause, RequestMeter> byCause = meters.get(operation);
        RequestMeter meter = byCause == null ? null : byCause.get(cause);
        if (meter == null) {
            throw new IllegalArgumentException(operation + " for " + cause);
        }
        return meter;
    }
}
