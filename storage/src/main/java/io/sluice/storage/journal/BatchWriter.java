package io.sluice.storage.journal;

import io.sluice.storage.disk.DiskFullException;
import io.sluice.storage.runtime.EngineClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a batch from its reservation to the disk and out of {@link AppendOrder}, shared by all appenders.
 *
 * <p>A range whose write failed must not stay a hole, because the log is read from batch to batch: a void header that
 * spans it is written in its place, and the log goes on behind it. When that fails too, or the header of a new file
 * cannot be written, the journal fails ({@link JournalHealth}): nothing behind the hole is ever acknowledged.
 *
 * Thread-safe.
 */
final class BatchWriter {
    private static final Logger log = LoggerFactory.getLogger(BatchWriter.class);

    private final UUID volume;
    private final boolean encrypted;
    private final EngineClock clock;
    private final AppendSpace space;
    private final AppendOrder order;
    private final GroupCommit commit;
    private final FileSupply supply;
    private final JournalHealth health;
    private final Runnable prepareAhead;

    BatchWriter(
            UUID volume,
            boolean encrypted,
            EngineClock clock,
            AppendSpace space,
            AppendOrder order,
            GroupCommit commit,
            FileSupply supply,
            JournalHealth health,
            Runnable prepareAhead) {
        this.volume = volume;
        this.encrypted = encrypted;
        this.clock = clock;
        this.space = space;
        this.order = order;
        this.commit = commit;
        this.supply = supply;
        this.health = health;
        this.prepareAhead = prepareAhead;
    }

    /** False when the journal has no space. Makes the next file itself when nobody has made it ahead. */
    boolean reserve(int units, Reservation into) throws IOException {
        while (true) {
            health.check();
            switch (space.reserve(units, into)) {
                case GIVEN:
                    return true;
                case FULL:
                    return false;
                case NEEDS_FILE:
                    if (!prepareNow()) {
                        return false;
                    }
            }
        }
    }

    /** False when the disk is full but the release of what the journal holds will give files back. */
    private boolean prepareNow() throws IOException {
        try {
            supply.prepareFor(space, 1, Long.MAX_VALUE);
            return true;
        } catch (DiskFullException e) {
            if (space.tail() < order.appliedEnd()) {
                return false;
            }
            throw e;
        }
    }

    /** Writes, applies, completes; on an {@link IOException} nothing was applied and the range is void. */
    void write(BatchImage image, Reservation reservation, JournalAppender.Applier applier, Runnable acknowledge)
            throws IOException {
        try {
            writeAndApply(image, reservation, applier);
        } catch (RuntimeException | Error broken) {
            // The range can never be completed: nothing behind it may be acknowledged.
            health.fail(new IOException("a batch could not be applied to the index: " + broken, broken));
            throw broken;
        }
        order.complete(reservation.ticket(), acknowledge);
    }

    private void writeAndApply(BatchImage image, Reservation reservation, JournalAppender.Applier applier)
            throws IOException {
        JournalFile begun = reservation.begun();
        if (begun != null) {
            begin(begun, reservation);
        }
        long position = (long) reservation.unit() << JournalFormat.UNIT_SHIFT;
        try {
            reservation
                    .file()
                    .disk()
                    .write(image.seal(reservation, clock.wallTime().toEpochMilli()), position);
        } catch (IOException e) {
            makeVoid(image, reservation, position, e);
            throw e;
        }
        image.apply(reservation.address(), applier);
    }

    private void begin(JournalFile file, Reservation reservation) throws IOException {
        try {
            writeHeader(file, reservation.previousEnd(), commit.syncedEnd());
        } catch (IOException e) {
            IOException reason = new IOException(
                    "cannot write the header of journal file " + file.number() + ": " + e.getMessage(), e);
            health.fail(reason);
            throw reason;
        }
        order.complete(reservation.begunTicket(), null);
        prepareAhead.run();
    }

    /** Writes the header that makes {@code file} the one in which the log goes on from {@code previousEnd}. */
    void writeHeader(JournalFile file, long previousEnd, long syncedEnd) throws IOException {
        commit.begin(file);
        FileHeader header = new FileHeader(
                volume,
                file.epoch(),
                file.number(),
                previousEnd,
                space.tail(),
                syncedEnd,
                file.salt(),
                file.units(),
                encrypted);
        file.disk().write(header.encode(), 0);
    }

    private void makeVoid(BatchImage image, Reservation reservation, long position, IOException cause) {
        log.warn("journal: writing the batch at address {} failed", reservation.address(), cause);
        ByteBuffer bytes = image.sealVoid(reservation, clock.wallTime().toEpochMilli());
        try {
            reservation.file().disk().write(bytes, position);
        } catch (IOException e) {
            cause.addSuppressed(e);
            health.fail(new IOException(
                    "cannot write to journal file " + reservation.file().number() + ": " + e.getMessage(), e));
            return;
        }
        order.complete(reservation.ticket(), null);
    }
}
