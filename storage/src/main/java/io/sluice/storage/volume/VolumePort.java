package io.sluice.storage.volume;

import java.nio.ByteBuffer;

/**
 * A way into a volume for one thread (an event loop): what the loop begins between two {@link #submit} calls goes to
 * the journal in one write. Not thread-safe: only the owning thread calls it. Several ports of one volume work side by
 * side.
 *
 * <p>Offsets and lengths are bytes, multiples of 512, inside the volume, otherwise {@code BAD_RANGE}. Every 4 KiB block
 * changes atomically; longer operations may interleave with others at 4 KiB boundaries. Operations under way at the same
 * time on the same blocks take effect in some order, the same for every reader and after recovery. Once a write or
 * unmap has completed, every read begun later, on any port, sees it.
 */
public interface VolumePort extends AutoCloseable {
    /** Longest range of one {@link #fill}, bytes. */
    long FILL_BYTES_MAX = 256L << 20;
    /** Longest range of one {@link #copy}, bytes. */
    long COPY_BYTES_MAX = 16L << 20;

    /**
     * Reads {@code destination.remaining()} bytes from {@code offsetBytes} and moves its position to the limit. The
     * buffer belongs to the volume until completion. Blocks that were never written or were unmapped read as zeros.
     */
    void read(long offsetBytes, ByteBuffer destination, IoCompletion completion);

    /**
     * Writes the remaining bytes of {@code source}. They must stay unchanged until completion, which comes at the
     * earliest inside the next {@link #submit}. With {@code durable} (FUA) it comes only when the data is as safe as
     * after a {@link #flush}.
     */
    void write(long offsetBytes, ByteBuffer source, boolean durable, IoCompletion completion);

    /**
     * Until when a command that begins now may wait for whatever it is, all its operations together: a point on the volume's own
     * clock, for {@link #read(long, ByteBuffer, long, IoCompletion)} and {@link #write(long, ByteBuffer, boolean, long,
     * IoCompletion)}.
     */
    long newDeadlineNanos();

    /** As {@link #read(long, ByteBuffer, IoCompletion)}, for a command that waits until {@code deadlineNanos} at most, then BUSY. */
    void read(long offsetBytes, ByteBuffer destination, long deadlineNanos, IoCompletion completion);

    /**
     * As {@link #write(long, ByteBuffer, boolean, IoCompletion)}, for a command that waits until {@code deadlineNanos} at
     * most, then BUSY. When the deadline is over at the beginning, nothing is changed.
     */
    void write(long offsetBytes, ByteBuffer source, boolean durable, long deadlineNanos, IoCompletion completion);

    /**
     * Makes the range read as zeros and gives its space back; takes no data and no request to the bucket, whatever its
     * size. Whole 4 KiB blocks are unmapped, parts of blocks at the edges are overwritten with zeros.
     */
    void unmap(long offsetBytes, long lengthBytes, boolean durable, IoCompletion completion);

    /**
     * Makes the range hold {@code pattern} over and over: 512 or 4096 bytes that stay unchanged until completion; both
     * ends of the range are multiples of its length. However long the range is, whole 4 KiB blocks take one block of the
     * journal and later one of the bucket, and share it. At most {@link #FILL_BYTES_MAX} at a time, otherwise {@code
     * BAD_RANGE}. Otherwise like {@link #write}.
     */
    void fill(long offsetBytes, long lengthBytes, ByteBuffer pattern, boolean durable, IoCompletion completion);

    /**
     * Makes the destination hold what the source holds at some moment between this call and completion; the two ranges
     * must not overlap ({@code BAD_RANGE}). Where source and destination lie at the same distance from a 4 KiB boundary,
     * whole blocks that are in the bucket are shared: neither their data nor a request goes to the bucket or comes from
     * it. What is only in the journal is copied within it; parts of blocks at the edges are read and written. At most
     * {@link #COPY_BYTES_MAX} at a time. Otherwise like {@link #write}.
     */
    void copy(long sourceBytes, long destinationBytes, long lengthBytes, boolean durable, IoCompletion completion);

    /**
     * Which parts of the range are mapped: take space. Tells runs from the start of the range on, alternating, without a
     * gap, at most {@code runsMax} of them; the range may be longer than what they cover. Blocks that were never written,
     * were unmapped, or hold zeros only may be told as deallocated. Asks the bucket for index pages at most, for a bounded
     * number of them, and tells fewer runs when that is not enough, but always at least one.
     */
    void mapping(long offsetBytes, long lengthBytes, int runsMax, MappingCompletion completion);

    /**
     * Completes when everything that completed before this call is safe: on the local disk, or in the bucket when the
     * volume's durability says so.
     */
    void flush(IoCompletion completion);

    /** Sends what was begun since the last call to the journal: called once at the end of each turn of the loop. */
    void submit();

    /** Ends the port; operations under way still complete. Idempotent. */
    @Override
    void close();
}
