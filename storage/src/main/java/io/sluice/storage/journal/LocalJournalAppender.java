package io.sluice.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Gathers one batch and writes it. {@link BatchImage} holds the bytes, {@link BatchWriter} knows the way to the disk.
 *
 * <pre>
 *   GATHERING ──submit──▶ RESERVED ──write──▶ WRITTEN ──apply──▶ COMPLETE ──▶ GATHERING
 *       ▲  no space: FULL, kept │ write failed: the batch is dropped             ▲
 *       └───────────────────────┴────────────────────────────────────────────────┘
 * </pre>
 */
final class LocalJournalAppender implements JournalAppender {
    private final BatchWriter writer;
    private final BatchImage image;
    private final Reservation reservation = new Reservation();

    LocalJournalAppender(BatchWriter writer, int blocksMax) {
        this.writer = writer;
        this.image = new BatchImage(blocksMax);
    }

    @Override
    public Outcome addBlock(long lba, ByteBuffer source, int offset) {
        return image.addBlock(lba, source, offset) ? Outcome.DONE : Outcome.BATCH_FULL;
    }

    @Override
    public Outcome addZero(long lba, long count) {
        return image.addZero(lba, count) ? Outcome.DONE : Outcome.BATCH_FULL;
    }

    @Override
    public Outcome addPattern(long lba, long count, ByteBuffer source, int offset) {
        return image.addPattern(lba, count, source, offset) ? Outcome.DONE : Outcome.BATCH_FULL;
    }

    @Override
    public Outcome addReferences(long lba, ReferenceRuns runs) {
        return image.addReferences(lba, runs) ? Outcome.DONE : Outcome.BATCH_FULL;
    }

    @Override
    public int pending() {
        return image.added();
    }

    @Override
    public Outcome submit(Applier applier, Runnable acknowledge) throws IOException {
        if (image.added() == 0) {
            acknowledge.run();
            return Outcome.DONE;
        }
        boolean drop = true;
        try {
            if (!writer.reserve(1 + image.blocks(), reservation)) {
                drop = false;
                return Outcome.FULL;
            }
            writer.write(image, reservation, applier, acknowledge);
            return Outcome.DONE;
        } finally {
            if (drop) {
                image.clear();
            }
        }
    }

    @Override
    public void discard() {
        image.clear();
    }

    @Override
    public void close() {
        image.clear();
    }
}
