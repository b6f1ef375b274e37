package io.sluice.storage.engine;

import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.volume.IoCompletion;
import java.nio.ByteBuffer;

/** A write of the same 4096 bytes to many whole blocks: one entry of the journal, and one block. */
final class PatternWrite extends WriteOperation {
    private final ByteBuffer block;

    PatternWrite(EnginePort port, long lba, long count, ByteBuffer block, boolean durable, IoCompletion completion) {
        super(port, lba, count, null, durable, completion);
        this.block = block;
    }

    @Override
    JournalAppender.Outcome addNext(JournalAppender appender) {
        JournalAppender.Outcome outcome = appender.addPattern(lba(), count(), block, 0);
        if (outcome == JournalAppender.Outcome.DONE) {
            advance(count());
        }
        return outcome;
    }
}
