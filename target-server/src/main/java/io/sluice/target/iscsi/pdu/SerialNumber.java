package io.sluice.target.iscsi.pdu;

/** Arithmetic of sequence numbers modulo 2^32 (RFC 1982; RFC 7143 section 4.2.2.1). */
public final class SerialNumber {
    private SerialNumber() {}

    /** True when {@code a} comes before {@code b}. */
    public static boolean isBefore(int a, int b) {
        return a - b < 0;
    }

    /** True when {@code first <= number <= last}. */
    public static boolean isWithin(int number, int first, int last) {
        return !isBefore(number, first) && !isBefore(last, number);
    }
}
