package io.sluice.storage.volume;

/**
 * Why an operation of a volume failed.
 *
 * @param kind what it means for the host
 * @param message what happened, for logs and operators
 * @param offsetBytes the first byte it is about, -1 when it is not about a place
 */
public record IoFailure(Kind kind, String message, long offsetBytes) {
    /** Kinds by what the host should be told; the SCSI mapping is an exhaustive switch over this. */
    public enum Kind {
        /** Nothing is wrong with the data; the host should try again later (bucket unreachable, journal full). */
        BUSY,
        /** These blocks cannot be read: missing, damaged or not authentic in the bucket. Others can. */
        UNREADABLE,
        /** The write did not reach the local disk; the volume's earlier content is intact. */
        WRITE_FAILED,
        /** No space for new data, locally or in the store, until somebody makes some. */
        NO_SPACE,
        /** Another gateway owns the volume now. */
        FENCED,
        /** The volume is closed, closing, or stopped after a broken invariant. */
        CLOSED,
        /** The range is outside the volume or not aligned: a mistake of the caller. */
        BAD_RANGE,
        /** The volume is read-only. */
        READ_ONLY
    }

    /** A failure that is about no place. */
    public static IoFailure of(Kind kind, String message) {
        return new IoFailure(kind, message, -1);
    }
}
