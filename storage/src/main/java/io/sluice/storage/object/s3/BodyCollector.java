package io.sluice.storage.object.s3;

import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Collects the body of one GET in one buffer of exactly its size, and believes nothing: what the server says it sends
 * is compared with what was asked for, and what came with what was said.
 *
 * <p>Order of calls, by the SDK: prepare, onResponse, onStream, then chunks; or exceptionOccurred at any time.
 */
final class BodyCollector implements AsyncResponseTransformer<GetObjectResponse, ByteBuffer> {
    private static final int BODY_BYTES_MAX = Integer.MAX_VALUE - 8;

    private final String what;
    private final @Nullable ContentRange wanted;
    private final CompletableFuture<ByteBuffer> result = new CompletableFuture<>();
    private ByteBuffer body = ByteBuffer.allocate(0);

    /** {@code wanted} is null for a whole object. */
    BodyCollector(String what, @Nullable ContentRange wanted) {
        this.what = what;
        this.wanted = wanted;
    }

    @Override
    public CompletableFuture<ByteBuffer> prepare() {
        return result;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
        Long length = response.contentLength();
        if (length == null) {
            fail(Kind.INVALID, "the server does not say how long the answer is");
        } else if (length > BODY_BYTES_MAX) {
            fail(Kind.INVALID, "too large to be read at once: " + length + " bytes");
        } else if (wanted == null || checkRange(wanted, response.contentRange(), length)) {
            body = ByteBuffer.allocate(length.intValue());
        }
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
        publisher.subscribe(new Chunks());
    }

    @Override
    public void exceptionOccurred(Throwable failure) {
        result.completeExceptionally(failure);
    }

    private boolean checkRange(ContentRange range, @Nullable String header, long length) {
        ContentRange sent = header == null ? null : ContentRange.parse(header);
        if (sent == null) {
            return fail(Kind.INVALID, "the server does not support ranges");
        }
        boolean objectTooShort = sent.first() == range.first() && sent.total() >= 0 && sent.total() <= range.last();
        if (objectTooShort) {
            return fail(Kind.INVALID, "the object has only " + sent.total() + " bytes");
        }
        if (sent.first() != range.first() || sent.last() != range.last() || length != range.length()) {
            return fail(Kind.UNAVAILABLE, "the server sent another range: " + header + ", " + length + " bytes");
        }
        return true;
    }

    private boolean fail(Kind kind, String message) {
        result.completeExceptionally(new ObjectStoreException(kind, what + ": " + message, null));
        return false;
    }

    /** Takes the chunks in; one thread at a time, as Reactive Streams demand. */
    private final class Chunks implements Subscriber<ByteBuffer> {
        private @Nullable Subscription subscription;

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
            if (result.isDone()) {
                given.cancel();
            } else {
                given.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(ByteBuffer chunk) {
            if (chunk.remaining() > body.remaining()) {
                fail(Kind.UNAVAILABLE, "the answer is longer than the server said");
                if (subscription != null) {
                    subscription.cancel();
                }
                return;
            }
            body.put(chunk);
        }

        @Override
        public void onError(Throwable failure) {
            result.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            if (body.hasRemaining()) {
                fail(Kind.UNAVAILABLE, "the answer ended after " + body.position() + " of " + body.limit() + " bytes");
            } else {
                result.complete(body.flip().asReadOnlyBuffer());
            }
        }
    }
}
