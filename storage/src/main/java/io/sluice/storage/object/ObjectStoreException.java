package io.sluice.storage.object;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request to the object store failed; {@link #kind} says what the caller may do. */
public final class ObjectStoreException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Kinds by what the caller must do. */
    public enum Kind {
        /** The object (or the bucket, when the message says so) is definitely absent. */
        NOT_FOUND,
        /** A conditional put found its condition false. */
        PRECONDITION_FAILED,
        /** The server asks for a slower pace: wait longer, then again. */
        THROTTLED,
        /** Time-out, connection failure, 5xx, short answer: try again; a put or delete may have been applied. */
        UNAVAILABLE,
        /** Credentials or permissions: trying again does not help until somebody mends them. */
        DENIED,
        /** The request itself is wrong (range behind the end, bad name, unsupported feature): a mistake of ours or an
         * incompatible server. */
        INVALID,
        /** The local store behind the interface ran out of space. */
        FULL
    }

    private final Kind kind;

    /** {@code message} names operation, key and store, and never a secret. */
    public ObjectStoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** True when the same request may succeed later without anybody's doing. */
    public boolean isTransient() {
        return kind == Kind.THROTTLED || kind == Kind.UNAVAILABLE;
    }
}
