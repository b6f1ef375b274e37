package io.sluice.storage.rebuild;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.NeedMoreBytesException;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentFormat;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lists the segments of a volume and reads their headers, {@value #AT_ONCE} at a time, in ascending order. On its lane. */
final class SegmentSurvey {
    private static final int LIST_LIMIT = 1000;
    private static final int AT_ONCE = 16;

    private final ObjectStore store;
    private final ObjectNames names;
    private final SegmentCodec codec;
    private final SegmentStore segments;
    private final Lane lane;

    SegmentSurvey(ObjectStore store, ObjectNames names, SegmentCodec codec, SegmentStore segments, Lane lane) {
        this.store = store;
        this.names = names;
        this.codec = codec;
        this.segments = segments;
        this.lane = lane;
    }

    /** A listed segment. */
    record Listed(long number, long sizeBytes) {}

    /** All of them, ascending; complete, or it fails: an error is not an absence. */
    CompletableFuture<List<Listed>> list() {
        return list(null, new ArrayList<>());
    }

    private CompletableFuture<List<Listed>> list(@Nullable String after, List<Listed> found) {
        return store.list(names.segmentPrefix(), after, LIST_LIMIT, RequestCause.ADMIN)
                .thenComposeAsync(
                        (ObjectPage page) -> {
                            for (ObjectHead head : page.objects()) {
                                names.segmentNumber(head.key())
                                        .ifPresent(number -> found.add(new Listed(number, head.sizeBytes())));
                            }
                            return page.more()
                                    ? list(
                                            page.objects()
                                                    .get(page.objects().size() - 1)
                                                    .key(),
                                            found)
                                    : CompletableFuture.completedFuture(found);
                        },
                        lane);
    }

    /** Reads all headers and tells each, in order. Fails when the store cannot be reached; damage is told. */
    CompletableFuture<Void> readAll(List<Listed> listed, Consumer<SegmentReading> told) {
        return readFrom(listed, 0, told);
    }

    private CompletableFuture<Void> readFrom(List<Listed> listed, int from, Consumer<SegmentReading> told) {
        if (from >= listed.size()) {
            return CompletableFuture.completedFuture(null);
        }
        int to = Math.min(listed.size(), from + AT_ONCE);
        List<CompletableFuture<SegmentReading>> batch = new ArrayList<>();
        listed.subList(from, to).forEach(one -> batch.add(read(one)));
        return CompletableFuture.allOf(batch.toArray(CompletableFuture[]::new))
                .thenComposeAsync(
                        done -> {
                            batch.forEach(reading -> told.accept(reading.join()));
                            return readFrom(listed, to, told);
                        },
                        lane);
    }

    private CompletableFuture<SegmentReading> read(Listed one) {
        return segments.readHeader(one.number(), one.sizeBytes(), RequestCause.ADMIN)
                .thenApply(header -> new SegmentReading(one.number(), one.sizeBytes(), header, null))
                .exceptionallyCompose(failure -> {
                    Throwable cause = Failures.unwrap(failure);
                    if (!isDamage(cause)) {
                        return CompletableFuture.failedFuture(cause);
                    }
                    return readRemains(one, String.valueOf(cause.getMessage()), SegmentFormat.HEADER_READ_BYTES);
                });
    }

    private static boolean isDamage(Throwable cause) {
        return cause instanceof DamagedObjectException
                || cause instanceof UnsupportedFormatException
                || (cause instanceof ObjectStoreException refused
                        && (refused.kind() == ObjectStoreException.Kind.NOT_FOUND
                                || refused.kind() == ObjectStoreException.Kind.INVALID));
    }

    /** The object is not as it was written: its header may still be. */
    private CompletableFuture<SegmentReading> readRemains(Listed one, String problem, int wanted) {
        int length = (int) Math.min(one.sizeBytes(), wanted);
        SegmentReading lost = new SegmentReading(one.number(), one.sizeBytes(), null, problem);
        if (length == 0) {
            return CompletableFuture.completedFuture(lost);
        }
        return store.getRange(names.segment(one.number()), 0, length, RequestCause.ADMIN)
                .thenCompose(prefix -> {
                    try {
                        SegmentHeader header = codec.readHeaderOfRemains(one.number(), prefix);
                        return CompletableFuture.completedFuture(
                                new SegmentReading(one.number(), one.sizeBytes(), header, problem));
                    } catch (NeedMoreBytesException more) {
                        return more.bytesNeeded() > length && more.bytesNeeded() <= one.sizeBytes()
                                ? readRemains(one, problem, more.bytesNeeded())
                                : CompletableFuture.completedFuture(lost);
                    } catch (DamagedObjectException | UnsupportedFormatException unreadable) {
                        return CompletableFuture.completedFuture(lost);
                    }
                })
                .exceptionally(failure -> {
                    if (isDamage(Failures.unwrap(failure))) {
                        return lost;
                    }
                    throw new CompletionException(Failures.unwrap(failure));
                });
    }
}
