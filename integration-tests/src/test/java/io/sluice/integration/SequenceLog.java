package io.sluice.integration;

import java.util.ArrayList;
import java.util.List;

/**
 * What a server has told of the sequence number of one volume while a host wrote to it, beside the host's own clock. So a
 * sequence number can be looked up on that clock. One thread adds; look only when it has ended.
 */
final class SequenceLog {
    private final List<Sample> samples = new ArrayList<>();

    /** Asked for at {@code asked} at the earliest and answered at {@code told} at the latest. */
    private record Sample(long asked, long sequence, long told) {}

    /**
     * "Every write acknowledged so far is below {@code sequence}, every one that begins later is not."
     *
     * @param asked the history's clock before the server was asked
     * @param told its clock after the answer
     */
    void add(long asked, long sequence, long told) {
        samples.add(new Sample(asked, sequence, told));
    }

    int size() {
        return samples.size();
    }

    /** The highest sequence number told so far; 0 before the first. */
    long highest() {
        return samples.stream().mapToLong(Sample::sequence).max().orElse(0);
    }

    /**
     * The moments at which the volume may have been at {@code sequence}: all that was answered before the first is below
     * it, nothing that was sent after the last is.
     */
    Moments momentsOf(long sequence) {
        long from = 0;
        long last = Moments.NEVER - 1;
        for (Sample sample : samples) {
            if (sample.sequence <= sequence) {
                from = Math.max(from, sample.asked);
            }
            if (sample.sequence >= sequence) {
                last = Math.min(last, sample.told);
            }
        }
        // With several samples of this very number the first lies before the last: all that time the volume was there,
        // though
        // the host's clock went on with what it sent.
        return Moments.between(Math.min(from, last), Math.max(from, last) + 1);
    }
}
