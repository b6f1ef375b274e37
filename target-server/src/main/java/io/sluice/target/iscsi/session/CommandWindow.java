package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.SerialNumber;

/**
 * Command numbering of a session (RFC 7143 section 4.2.2.1). The window is constant: MaxCmdSN never moves back.
 *
 * <p>Invariant: {@code maximum() - expected() + 1 == size} in serial arithmetic.
 */
final class CommandWindow {
    private final int size;
    private int expected;

    CommandWindow(int size, int firstExpected) {
        this.size = size;
        this.expected = firstExpected;
    }

    /** ExpCmdSN. */
    int expected() {
        return expected;
    }

    /** MaxCmdSN. */
    int maximum() {
        return expected + size - 1;
    }

    int size() {
        return size;
    }

    /** Inside the window: may be executed now or later. Anything else is silently ignored. */
    boolean contains(int number) {
        return SerialNumber.isWithin(number, expected, maximum());
    }

    /** The expected command has arrived. */
    void advance() {
        expected++;
    }
}
