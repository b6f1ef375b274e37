package io.sluice.storage.object;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A flat namespace of immutable-by-convention objects, asynchronous.
 *
 * <p>Promises:
 *
 * <ol>
 *   <li>A put that completed normally is durable, and every later get, head and list sees it (read-after-write,
 *       list-after-write).
 *   <li>No reader ever sees part of an object: a put replaces the whole or nothing.
 *   <li>{@link PutCondition#IF_ABSENT} lets at most one of several contenders win.
 *   <li>A future that failed with {@link ObjectStoreException} says by its {@link ObjectStoreException#kind kind} what
 *       the caller may do. After {@code UNAVAILABLE} or {@code THROTTLED} a put or delete <em>may have been
 *       applied</em>. Only {@code NOT_FOUND} says that an object is absent: an error is not an absence.
 *   <li>Futures complete on a thread of the store; callbacks must be short and hand over to a lane.
 * </ol>
 *
 * <p>Not promised: any order between requests under way, modification times, or that a failed put left nothing.
 *
 * <p>Keys: 1-512 characters from {@code [A-Za-z0-9._/-]}, no leading, trailing or doubled slash, no dot-only parts, parts
 * of at most 200 characters ({@link ObjectKeys}). No key may stand above another ({@code a} and {@code a/b} never both):
 * servers on top of file systems cannot hold the two, and may answer {@code INVALID}. A malformed argument is {@code
 * INVALID}, always through the future.
 *
 * <p>Thread-safe.
 */
public interface ObjectStore extends AutoCloseable {
    /** The whole object; buffers are read-only from position 0. {@code NOT_FOUND} when absent. */
    CompletableFuture<ByteBuffer> get(String key, RequestCause cause);

    /**
     * Bytes {@code offset} to {@code offset + length - 1}; exactly {@code length} bytes or a failure ({@code INVALID}
     * when the object is shorter; a short answer of the server is {@code UNAVAILABLE}, to be tried again). {@code offset >= 0},
     * {@code length >= 1}.
     */
    CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause);

    /**
     * Stores the remaining bytes of {@code body} (not consumed; unchanged by the caller until completion). With {@link
     * PutCondition#IF_ABSENT}: {@code PRECONDITION_FAILED} when the key exists, which after a lost reply may be the
     * caller's own earlier attempt. Returns the entity tag.
     */
    CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause);

    /** Stores over exactly the version {@code entityTag} names, else {@code PRECONDITION_FAILED}. Not portable. */
    CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause);

    /** Size and tag; {@code NOT_FOUND} when absent. */
    CompletableFuture<ObjectHead> head(String key, RequestCause cause);

    /**
     * Up to {@code limit} (1-1000) objects whose key begins with {@code prefix} and is greater than {@code startAfter}
     * (null: from the first), in ascending order of the key's bytes. Complete: an answer that is cut by an error is a
     * failure, never a short list; {@link ObjectPage#more} says whether to go on behind the last key.
     */
    CompletableFuture<ObjectPage> list(String prefix, @Nullable String startAfter, int limit, RequestCause cause);

    /** Deletes all named objects (any number); absent ones count as deleted. */
    CompletableFuture<Void> delete(List<String> keys, RequestCause cause);

    /**
     * The server's clock, milliseconds since 1970, as its newest answer told it, possibly only to the second; empty when
     * the store has no clock of its own, or has not answered yet. Makes no request.
     */
    default OptionalLong serverTimeMillis() {
        return OptionalLong.empty();
    }

    /** Where this is ("file:/srv/bucket", "s3://bucket/prefix at endpoint"), without secrets, for messages. */
    String describe();

    @Override
    void close();
}
