package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads batch headers from the files, below the applied end only: there every batch is whole. */
final class LocalJournalReader implements JournalReader {
    private final LiveFiles live;
    private final AppendSpace space;
    private final AppendOrder order;
    private final BlockReader blocks;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(JournalFormat.UNIT_BYTES);
    private final BatchHeader header = new BatchHeader();
    private long position;
    private long timeMillis;

    LocalJournalReader(LiveFiles live, AppendSpace space, AppendOrder order, BlockReader blocks, long position) {
        this.live = live;
        this.space = space;
        this.order = order;
        this.blocks = blocks;
        this.position = position;
        header.wrap(bytes);
    }

    @Override
    public boolean next(long end, JournalAppender.Applier visitor) throws IOException {
        Invariant.check(end <= order.appliedEnd(), "reads below the applied end only", end, order.appliedEnd());
        while (position < end) {
            JournalFile file = currentFile();
            if (position >= end) {
                return false;
            }
            load(file);
            long start = position;
            position = start + 1 + header.blocks();
            if (!header.isVoid()) {
                timeMillis = header.timeMillis();
                header.visit(visitor, this::references);
                return true;
            }
        }
        return false;
    }

    /** The file that holds the batch at {@link #position}, which moves into the next file at the end of one. */
    private JournalFile currentFile() throws IOException {
        checkKept();
        JournalFile file = live.atOrAfter(JournalFormat.fileNumber(position));
        while (file != null) {
            position = Math.max(position, file.address(1));
            if (!file.endsAt(position)) {
                return file;
            }
            file = live.atOrAfter(file.number() + 1);
        }
        throw new IOException("the journal has no file for address " + position);
    }

    private void load(JournalFile file) throws IOException {
        long at = (long) JournalFormat.unit(position) << JournalFormat.UNIT_SHIFT;
        file.disk().read(bytes.clear(), at);
        boolean whole = header.open(position, file.cipher(), file.salt());
        checkKept();
        if (!whole) {
            throw new IOException("the journal batch at address " + position + " ("
                    + file.disk().name() + ") is damaged: its checksum is wrong");
        }
        header.checkMakesSense(file.disk().name(), file.epoch(), file.units() - JournalFormat.unit(position));
    }

    private ReferenceRuns references(long address, long count) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(JournalFormat.UNIT_BYTES);
        if (!blocks.read(address, 0, block)) {
            throw new IOException("the record at journal address " + address + " was released while it was read");
        }
        return ReferenceRuns.read("the record at journal address " + address, block.flip(), count);
    }

    private void checkKept() throws IOException {
        if (position < space.tail()) {
            throw new IOException("the journal was released up to " + space.tail() + "; address " + position
                    + " cannot be read any more");
        }
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public long batchTimeMillis() {
        return timeMillis;
    }
}
