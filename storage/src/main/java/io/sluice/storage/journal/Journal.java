package io.sluice.storage.journal;

import io.sluice.storage.volume.IoCompletion;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The local write-ahead log of one volume: blocks in the order in which they are acknowledged.
 *
 * <p>An <em>address</em> names one 4 KiB unit of the log; addresses only grow, skip some values (file ends), and are
 * never used twice in the life of a volume. A batch takes one address for its header and one for each block behind it.
 *
 * <p>Ordering rules (class {@code AppendOrder} enforces the first two):
 *
 * <ol>
 *   <li>A batch is acknowledged only when every batch with a lower address is written and applied to the index: after
 *       process death the log has no hole below an acknowledged write.
 *   <li>{@link #appliedEnd} moves only over batches that are written and applied: who reads the log below it sees every
 *       batch, and the index never goes back behind it.
 *   <li>A sync covers every batch below {@link #appliedEnd} at its start.
 *   <li>Space is used again only after {@link #release}; a reader that raced with it is told so ({@link #read}).
 * </ol>
 *
 * Thread-safe, apart from appenders.
 */
public interface Journal extends AutoCloseable {
    /** Blocks of one {@link #readPart}. */
    int RUN_BLOCKS_MAX = 32;

    /** A new appender for the calling thread. */
    JournalAppender openAppender();

    /** All batches that begin below this address are written and applied. */
    long appliedEnd();

    /** All batches below this address are durable. */
    long syncedEnd();

    /** The oldest address that is still kept. */
    long tail();

    /** Bytes between tail and applied end, headers included. */
    long usedBytes();

    /** Bytes given back so far, from an arbitrary start: only differences mean anything. */
    long releasedBytes();

    /** The configured bound of {@link #usedBytes}. */
    long capacityBytes();

    /**
     * Decrypts and checks the block at {@code address} into {@code destination} (exactly 4096 bytes are put). False when
     * the address was released before or during the read: the caller looks the block up again.
     *
     * @throws IOException when the disk fails or the block's checksum is wrong
     */
    boolean read(long address, ByteBuffer destination) throws IOException;

    /**
     * Like {@link #read} but {@code destination} is filled, with the bytes from {@code from} (below 4096) of the block on; they may
     * go on in the blocks at the addresses behind it, at most {@link #RUN_BLOCKS_MAX} blocks in all and none of them a header.
     */
    boolean readPart(long address, int from, ByteBuffer destination) throws IOException;

    /**
     * As {@link #read} for many blocks at once, with few and long reads of the disk: {@code addresses}, which must ascend. Each
     * block is given to {@code sink} in this order; when false is returned, some may have been given that do not count.
     */
    boolean readAll(long[] addresses, BlockSink sink) throws IOException;

    /** Takes the blocks of {@link #readAll}. */
    @FunctionalInterface
    interface BlockSink {
        /** {@code block}: the 4096 remaining bytes of the block at {@code addresses[index]}; valid until this returns. */
        void accept(int index, ByteBuffer block);
    }

    /** Completes when everything below the present {@link #appliedEnd} is durable; shares one fdatasync with others. */
    void sync(IoCompletion completion);

    /** A reader that starts with the batch at {@code address} (a batch start, or any address between two batches). */
    JournalReader openReader(long address);

    /** As {@link #release(long, long)}, when all of it is in the bucket. */
    default void release(long address) {
        release(address, address);
    }

    /**
     * Gives back everything below {@code address} (a batch start, at most {@link #appliedEnd}). Files serve again only when
     * they lie wholly below {@code bucketEnd}, up to where the bucket alone can say that it holds everything: so recovery can
     * tell a file that served again from one whose header a power loss took ({@link RecoveredLog#lacksItsStart}).
     */
    void release(long address, long bucketEnd);

    /**
     * Calls {@code task} once, soon after space has become free. For writers that met {@link
     * JournalAppender.Outcome#FULL}; they may meet it again. The task runs on a thread of the journal or of whoever
     * releases: it must be short.
     */
    void whenSpace(Runnable task);

    /** Syncs and closes the files; nothing may be under way. */
    @Override
    void close() throws IOException;
}
