package io.sluice.storage.object;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A request to the object store failed; {@link #kind} says what the caller may do. */
public final class ObjectStoreException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Kinds by what the caller must do. */
    public enum Kind {
        /** The object is definitely absent. */
        NOT_FOUND,
        /** A conditional put found its condition false. */
        PRECONDITION_FAILED,
        /** The server asks for a slower pace: wait longer, then again. */
        THROTTLED,
        /** Time-out, connection failure, 5xx, short answer: try again; a put or delete may have been applied. */
        UNAVAILABLE,
        /** Credentials or permissions, or there is no such bucket: trying again does not help until somebody mends them. */
        DENIED,
        /** The request itself is wrong (range behind the end, bad name, unsupported feature): a mistake of ours or an
         * incompatible server. */
        INVALID,
        /** The local store behind the interface ran out of space. */
        FULL
    }

    private final Kind kind;
    private final boolean afterUnknownOutcome;

    /** {@code message} names operation, key and store, and never a secret. */
    public ObjectStoreException(Kind kind, String message, @Nullable Throwable cause) {
        this(kind, message, cause, false);
    }

    private ObjectStoreException(Kind kind, String message, @Nullable Throwable cause, boolean afterUnknownOutcome) {
        super(message, cause);
        this.kind = kind;
        this.afterUnknownOutcome = afterUnknownOutcome;
    }

    /** The {@link ObjectStoreException} that a future failed with, also when wrapped; null when it is none. */
    public static @Nullable ObjectStoreException find(Throwable failure) {
        Throwable current = failure;
        while ((current instanceof CompletionException || current instanceof ExecutionException)
                && current.getCause() != null) {
            current = current.getCause();
        }
        return current instanceof ObjectStoreException found ? found : null;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    public Kind kind() {
        return kind;
    }

    /** True when the same request may succeed later without anybody's doing. */
    public boolean isTransient() {
        return kind == Kind.THROTTLED || kind == Kind.UNAVAILABLE;
    }

    /**
     * True when an earlier attempt of the same put or delete ended without a clear answer, so that it may have been
     * applied: a {@link Kind#PRECONDITION_FAILED} may then be the caller's own success. Read the object and check
     * whose it is before believing in a conflict.
     */
    public boolean afterUnknownOutcome() {
        return afterUnknownOutcome;
    }

    /** The same failure, marked with {@link #afterUnknownOutcome}. */
    public ObjectStoreException markedAfterUnknownOutcome() {
        String note = getMessage() + " (an earlier attempt ended without an answer and may have been applied)";
        return new ObjectStoreException(kind, note, this, true);
    }
}
