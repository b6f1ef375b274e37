package io.sluice.storage.segment;

/** The bytes at hand end before the header does; nothing is wrong yet. */
public final class NeedMoreBytesException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int bytesNeeded;

    /** {@code bytesNeeded} from the start of the object are enough. */
    public NeedMoreBytesException(int bytesNeeded) {
        super("the first " + bytesNeeded + " bytes are needed");
        this.bytesNeeded = bytesNeeded;
    }

    public int bytesNeeded() {
        return bytesNeeded;
    }
}
