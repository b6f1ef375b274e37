package io.sluice.storage.object.file;

import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;

/** What an {@link IOException} of the file system means for the caller of the store. */
final class FileErrors {
    private static final List<String> FULL = List.of("no space left", "disk quota exceeded", "file too large");
    private static final List<String> DENIED = List.of("permission denied", "not permitted", "read-only file system");
    private static final List<String> INVALID = List.of("file name too long", "is a directory", "not a directory");

    private FileErrors() {}

    /** {@code what} says operation, key and store. */
    static ObjectStoreException translate(String what, IOException failure) {
        if (failure instanceof ObjectStoreException known) {
            return known;
        }
        String reason = reason(failure);
        return switch (kind(failure, reason.toLowerCase(Locale.ROOT))) {
            case FULL -> new ObjectStoreException(Kind.FULL, what + ": the file system is full: " + reason, failure);
            case DENIED ->
                new ObjectStoreException(
                        Kind.DENIED, what + ": " + reason + "; let the server's user read and write there", failure);
            case INVALID -> new ObjectStoreException(Kind.INVALID, what + ": " + reason, failure);
            default -> new ObjectStoreException(Kind.UNAVAILABLE, what + ": " + reason, failure);
        };
    }

    private static Kind kind(IOException failure, String reason) {
        if (failure instanceof ClosedByInterruptException) {
            return Kind.UNAVAILABLE;
        }
        if (failure instanceof AccessDeniedException || containsAny(reason, DENIED)) {
            return Kind.DENIED;
        }
        if (containsAny(reason, FULL)) {
            return Kind.FULL;
        }
        return containsAny(reason, INVALID) ? Kind.INVALID : Kind.UNAVAILABLE;
    }

    private static boolean containsAny(String text, List<String> parts) {
        return parts.stream().anyMatch(text::contains);
    }

    private static String reason(IOException failure) {
        String text = failure instanceof FileSystemException located ? located.getReason() : failure.getMessage();
        return text == null ? failure.getClass().getSimpleName() : text;
    }
}
