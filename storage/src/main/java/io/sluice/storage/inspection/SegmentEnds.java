package io.sluice.storage.inspection;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.segment.NeedMoreBytesException;
import io.sluice.storage.segment.SegmentFormat;
import io.sluice.storage.segment.SegmentHeader;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads both ends of a segment: its header, and the footer that says that nothing behind it is missing. */
final class SegmentEnds {
    private final BucketVolume view;

    SegmentEnds(BucketVolume view) {
        this.view = view;
    }

    /**
     * What the ends say.
     *
     * @param header empty when it cannot be read
     * @param headerDamage why
     * @param footerDamage what is wrong with the footer; empty when nothing is, or the header cannot be read
     */
    record Found(Optional<SegmentHeader> header, Optional<Throwable> headerDamage, Optional<Throwable> footerDamage) {}

    /** Completes on a worker; fails when the store cannot be asked. */
    CompletableFuture<Found> read(long number, long sizeBytes) {
        int length = (int) Math.min(sizeBytes, SegmentFormat.HEADER_READ_BYTES);
        if (length < SegmentFormat.PROLOGUE_BYTES + SegmentFormat.FOOTER_BYTES) {
            return CompletableFuture.completedFuture(headerDamaged(
                    new DamagedObjectException(view.names().segment(number), "has only " + sizeBytes + " bytes")));
        }
        return read(number, sizeBytes, length)
                .exceptionallyCompose(failure -> MappingReader.isDamage(failure)
                        ? CompletableFuture.completedFuture(headerDamaged(failure))
                        : CompletableFuture.failedFuture(failure));
    }

    private static Found headerDamaged(Throwable failure) {
        return new Found(
                Optional.empty(), Optional.of(io.sluice.storage.format.Failures.unwrap(failure)), Optional.empty());
    }

    private CompletableFuture<Found> read(long number, long sizeBytes, int length) {
        return view.access()
                .store()
                .getRange(view.names().segment(number), 0, length, RequestCause.ADMIN)
                .thenComposeAsync(
                        prefix -> {
                            try {
                                // A footer within the prefix would be checked, and told as the header's: cut it off.
                                ByteBuffer start = prefix.slice(prefix.position(), (int)
                                        Math.min(length, sizeBytes - SegmentFormat.FOOTER_BYTES));
                                SegmentHeader header = view.codec().readHeader(number, start, sizeBytes);
                                return footer(number, sizeBytes, start, header);
                            } catch (NeedMoreBytesException more) {
                                return read(number, sizeBytes, more.bytesNeeded() + SegmentFormat.FOOTER_BYTES);
                            } catch (DamagedObjectException | UnsupportedFormatException damaged) {
                                return CompletableFuture.failedFuture(damaged);
                            }
                        },
                        view.access().runtime().workers());
    }

    private CompletableFuture<Found> footer(long number, long sizeBytes, ByteBuffer start, SegmentHeader header) {
        return view.access()
                .store()
                .getRange(
                        view.names().segment(number),
                        sizeBytes - SegmentFormat.FOOTER_BYTES,
                        SegmentFormat.FOOTER_BYTES,
                        RequestCause.ADMIN)
                .thenApplyAsync(
                        footer -> {
                            try {
                                view.codec().checkEnd(number, start, footer, sizeBytes);
                                return new Found(Optional.of(header), Optional.empty(), Optional.empty());
                            } catch (DamagedObjectException | UnsupportedFormatException damaged) {
                                return new Found(Optional.of(header), Optional.empty(), Optional.of(damaged));
                            }
                        },
                        view.access().runtime().workers());
    }
}
