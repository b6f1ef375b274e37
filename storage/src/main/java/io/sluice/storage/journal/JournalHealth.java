package io.sluice.storage.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether the journal can still be written. A failure is sticky: after a failed fdatasync nobody knows which bytes the
 * kernel dropped, and behind a hole nothing may be acknowledged.
 *
 * <pre>
 *   SOUND ──fail──▶ FAILED (until the journal is opened anew)
 * </pre>
 *
 * Thread-safe.
 */
final class JournalHealth {
    private final List<Consumer<IOException>> listeners = new ArrayList<>();
    private volatile @Nullable IOException failure;

    /** Throws the failure, if there is one, with a trace of the caller. */
    void check() throws IOException {
        IOException first = failure;
        if (first != null) {
            throw new IOException("the journal has failed: " + first.getMessage(), first);
        }
    }

    @Nullable
    IOException failure() {
        return failure;
    }

    /** Only the first failure counts. */
    void fail(IOException reason) {
        List<Consumer<IOException>> told;
        synchronized (listeners) {
            if (failure != null) {
                return;
            }
            failure = reason;
            told = List.copyOf(listeners);
            listeners.clear();
        }
        for (Consumer<IOException> listener : told) {
            listener.accept(reason);
        }
    }

    /** Tells {@code listener} once, at once when the journal has failed already. */
    void whenFailed(Consumer<IOException> listener) {
        IOException first;
        synchronized (listeners) {
            first = failure;
            if (first == null) {
                listeners.add(listener);
                return;
            }
        }
        listener.accept(first);
    }
}
