package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.net.DataBuffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the data-out of one task from immediate data, unsolicited Data-Outs and the sequences that R2Ts asked for
 * (RFC 7143 sections 4.2.5 and 11.7). Each sequence is checked: DataSN from 0, offsets without gaps, not longer than
 * asked for. Used again with the next task.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@code solicitedEnd} is at most {@code wantedBytes}: no data is asked for that there is no memory for.
 *   <li>Bytes beyond {@code wantedBytes} are checked and dropped.
 * </ol>
 */
final class DataOutCollector {
    /** What one Data-Out led to. */
    enum Outcome {
        /** More has to come. */
        MORE,
        /** Everything is there. */
        COMPLETE,
        /** DataSN or offset are not the next ones: something got lost. */
        OUT_OF_SEQUENCE,
        /** Longer than asked for, or ended before it. */
        WRONG_AMOUNT,
        /** Nobody asked for it. */
        UNEXPECTED
    }

    private final int[] sequenceTag;
    private final int[] sequenceNext;
    private final int[] sequenceEnd;
    private final int[] sequenceNumber;
    private int sequences;
    private @Nullable DataBuffer buffer;
    private int wantedBytes;
    private int receivedBytes;
    private int solicitedEnd;
    private int readyToTransferNumber;
    private boolean unsolicitedOpen;
    private long unsolicitedNext;
    private long unsolicitedEnd;
    private int unsolicitedNumber;

    /** With at most this many R2Ts in flight. */
    DataOutCollector(int sequencesMax) {
        sequenceTag = new int[sequencesMax];
        sequenceNext = new int[sequencesMax];
        sequenceEnd = new int[sequencesMax];
        sequenceNumber = new int[sequencesMax];
    }

    /**
     * Begins with a task.
     *
     * @param wanted bytes the task is to get
     * @param memory for them, null drops everything
     * @param immediateBytes that came with the command and are in {@code memory}
     * @param unsolicitedBytesMax where unsolicited data ends at the latest
     * @param moreUnsolicited whether unsolicited Data-Outs follow
     */
    void begin(
            int wanted,
            @Nullable DataBuffer memory,
            int immediateBytes,
            long unsolicitedBytesMax,
            boolean moreUnsolicited) {
        wantedBytes = wanted;
        buffer = memory;
        receivedBytes = Math.min(immediateBytes, wanted);
        solicitedEnd = receivedBytes;
        readyToTransferNumber = 0;
        sequences = 0;
        unsolicitedOpen = moreUnsolicited;
        unsolicitedNext = immediateBytes;
        unsolicitedEnd = unsolicitedBytesMax;
        unsolicitedNumber = 0;
    }

    /** Takes one Data-Out. */
    Outcome accept(int transferTag, int number, long offset, boolean last, ByteBuffer source, int from, int bytes) {
        return transferTag == BasicHeaderSegment.RESERVED_TAG
                ? acceptUnsolicited(number, offset, last, source, from, bytes)
                : acceptSolicited(transferTag, number, offset, last, source, from, bytes);
    }

    /** True when there is something to ask for and an R2T may be sent for it. */
    boolean canSolicit() {
        return !unsolicitedOpen && solicitedEnd < wantedBytes && sequences < sequenceTag.length;
    }

    /** Notes an R2T for the next sequence; returns its length, its offset is {@link #solicitedEnd} before the call. */
    int solicit(int transferTag, int burstBytesMax) {
        int bytes = Math.min(burstBytesMax, wantedBytes - solicitedEnd);
        sequenceTag[sequences] = transferTag;
        sequenceNext[sequences] = solicitedEnd;
        sequenceEnd[sequences] = solicitedEnd + bytes;
        sequenceNumber[sequences] = 0;
        sequences++;
        solicitedEnd += bytes;
        readyToTransferNumber++;
        return bytes;
    }

    int solicitedEnd() {
        return solicitedEnd;
    }

    /** How many R2Ts were sent for this task: the next R2TSN. */
    int readyToTransferCount() {
        return readyToTransferNumber;
    }

    int receivedBytes() {
        return receivedBytes;
    }

    boolean isComplete() {
        return !unsolicitedOpen && receivedBytes == wantedBytes;
    }

    boolean isUnsolicitedOpen() {
        return unsolicitedOpen;
    }

    private Outcome acceptUnsolicited(int number, long offset, boolean last, ByteBuffer source, int from, int bytes) {
        if (!unsolicitedOpen) {
            return Outcome.UNEXPECTED;
        }
        if (number != unsolicitedNumber || offset != unsolicitedNext) {
            return Outcome.OUT_OF_SEQUENCE;
        }
        if (offset + bytes > unsolicitedEnd) {
            return Outcome.WRONG_AMOUNT;
        }
        unsolicitedNumber++;
        unsolicitedNext += bytes;
        unsolicitedOpen = !last;
        keep(offset, source, from, bytes);
        solicitedEnd = receivedBytes;
        return outcome();
    }

    private Outcome acceptSolicited(
            int transferTag, int number, long offset, boolean last, ByteBuffer source, int from, int bytes) {
        int index = indexOf(transferTag);
        if (index < 0) {
            return Outcome.UNEXPECTED;
        }
        if (number != sequenceNumber[index] || offset != sequenceNext[index]) {
            return Outcome.OUT_OF_SEQUENCE;
        }
        boolean full = offset + bytes == sequenceEnd[index];
        if (offset + bytes > sequenceEnd[index] || last != full) {
            return Outcome.WRONG_AMOUNT;
        }
        sequenceNumber[index]++;
        sequenceNext[index] += bytes;
        keep(offset, source, from, bytes);
        if (last) {
            removeSequence(index);
        }
        return outcome();
    }

    private Outcome outcome() {
        return isComplete() ? Outcome.COMPLETE : Outcome.MORE;
    }

    private void keep(long offset, ByteBuffer source, int from, int bytes) {
        int kept = (int) Math.max(0, Math.min(bytes, wantedBytes - offset));
        if (buffer != null && kept > 0) {
            buffer.bytes().put((int) offset, source, from, kept);
        }
        receivedBytes += kept;
    }

    private int indexOf(int transferTag) {
        for (int i = 0; i < sequences; i++) {
            if (sequenceTag[i] == transferTag) {
                return i;
            }
        }
        return -1;
    }

    private void removeSequence(int index) {
        sequences--;
        int moved = sequences - index;
        System.arraycopy(sequenceTag, index + 1, sequenceTag, index, moved);
        System.arraycopy(sequenceNext, index + 1, sequenceNext, index, moved);
        System.arraycopy(sequenceEnd, index + 1, sequenceEnd, index, moved);
        System.arraycopy(sequenceNumber, index + 1, sequenceNumber, index, moved);
    }
}
