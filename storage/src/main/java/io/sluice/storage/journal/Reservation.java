package io.sluice.storage.journal;

import org.jspecify.annotations.Nullable;

/** What {@link AppendSpace} gave to one appender for one batch; used again for the next. Not thread-safe. */
final class Reservation {
    private @Nullable JournalFile file;
    private @Nullable JournalFile begun;
    private int unit;
    private long ticket;
    private long begunTicket;
    private long previousEnd;

    /** The units from {@code unit} of {@code file}, to be completed under {@code ticket}. */
    void set(JournalFile file, int unit, long ticket) {
        this.file = file;
        this.unit = unit;
        this.ticket = ticket;
        this.begun = null;
    }

    /** The batch is the first of its file: whoever got it writes the file's header too, and completes that first. */
    void setBegun(JournalFile file, long headerTicket, long previousEnd) {
        this.begun = file;
        this.begunTicket = headerTicket;
        this.previousEnd = previousEnd;
    }

    JournalFile file() {
        if (file == null) {
            throw new IllegalStateException("nothing is reserved");
        }
        return file;
    }

    @Nullable
    JournalFile begun() {
        return begun;
    }

    int unit() {
        return unit;
    }

    long address() {
        return file().address(unit);
    }

    long ticket() {
        return ticket;
    }

    long begunTicket() {
        return begunTicket;
    }

    long previousEnd() {
        return previousEnd;
    }
}
