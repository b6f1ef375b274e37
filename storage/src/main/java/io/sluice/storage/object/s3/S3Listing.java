package io.sluice.storage.object.s3;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectKeys;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * One listing. Asks again while the server sends pages without any object of ours, and checks the order: a listing
 * that skips or repeats would end a volume too early.
 */
final class S3Listing {
    private final S3AsyncClient client;
    private final S3Location location;
    private final String prefix;
    private final int limit;
    private final List<ObjectHead> found = new ArrayList<>();
    private String last;

    S3Listing(S3AsyncClient client, S3Location location, String prefix, @Nullable String startAfter, int limit) {
        this.client = client;
        this.location = location;
        this.prefix = prefix;
        this.limit = limit;
        this.last = startAfter == null ? "" : location.serverKey(startAfter);
    }

    CompletableFuture<ObjectPage> run() {
        return next(null);
    }

    private CompletableFuture<ObjectPage> next(@Nullable String token) {
        ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                .bucket(location.bucket())
                .prefix(location.serverKey(prefix))
                .maxKeys(limit);
        if (token != null) {
            request.continuationToken(token);
        } else if (!last.isEmpty()) {
            request.startAfter(last);
        }
        return client.listObjectsV2(request.build()).thenCompose(this::received);
    }

    private CompletableFuture<ObjectPage> received(ListObjectsV2Response page) {
        try {
            for (S3Object object : page.contents()) {
                take(object);
            }
        } catch (ObjectStoreException disorder) {
            return CompletableFuture.failedFuture(disorder);
        }
        boolean more = Boolean.TRUE.equals(page.isTruncated());
        if (!more || !found.isEmpty()) {
            return CompletableFuture.completedFuture(new ObjectPage(found, more));
        }
        String token = page.nextContinuationToken();
        return token == null
                ? CompletableFuture.failedFuture(wrong("it says there is more but not how to go on"))
                : next(token);
    }

    private void take(S3Object object) throws ObjectStoreException {
        if (object.key().compareTo(last) <= 0) {
            throw wrong("'" + object.key() + "' comes after '" + last + "'");
        }
        last = object.key();
        if (!last.startsWith(location.serverKey(prefix))) {
            throw wrong("'" + last + "' was not asked for");
        }
        String key = last.substring(location.prefix().length());
        // What others put into the bucket (folder markers, odd names) is not ours and cannot be named by a key.
        if (ObjectKeys.isValid(key)) {
            found.add(new ObjectHead(key, object.size(), object.eTag() == null ? "" : object.eTag()));
        }
    }

    private ObjectStoreException wrong(String message) {
        return new ObjectStoreException(
                Kind.INVALID,
                "the server's listing of '" + prefix + "' cannot be trusted: " + message + " at " + location,
                null);
    }
}
