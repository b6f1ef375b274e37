package io.sluice.storage.object.s3;

import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * Deletes many objects: in lots as large as S3 takes, one lot after the other; one by one at servers that do not know
 * how to delete many, which is remembered.
 */
final class S3Deletion {
    private static final int LOT_KEYS_MAX = 1000;

    private final S3AsyncClient client;
    private final S3Location location;
    private volatile boolean singly;

    S3Deletion(S3AsyncClient client, S3Location location) {
        this.client = client;
        this.location = location;
    }

    CompletableFuture<Void> delete(List<String> keys) {
        CompletableFuture<Void> done = CompletableFuture.allOf();
        for (int from = 0; from < keys.size(); from += LOT_KEYS_MAX) {
            List<String> lot = keys.subList(from, Math.min(keys.size(), from + LOT_KEYS_MAX));
            done = done.thenCompose(before -> deleteLot(lot));
        }
        return done;
    }

    private CompletableFuture<Void> deleteLot(List<String> keys) {
        if (singly || keys.size() == 1) {
            return deleteOneByOne(keys);
        }
        List<ObjectIdentifier> identifiers = keys.stream()
                .map(key ->
                        ObjectIdentifier.builder().key(location.serverKey(key)).build())
                .toList();
        return client.deleteObjects(request -> request.bucket(location.bucket())
                        .delete(delete -> delete.objects(identifiers).quiet(true)))
                .thenCompose(this::checkEach)
                .exceptionallyCompose(failure -> otherwise(keys, failure));
    }

    /** Only what says that the server does not understand the request itself leads to the slow way. */
    private CompletableFuture<Void> otherwise(List<String> keys, Throwable failure) {
        ObjectStoreException known = S3Errors.translate(ObjectOperation.DELETE, "delete at " + location, failure);
        if (known.kind() != Kind.INVALID || failure instanceof ObjectStoreException) {
            return CompletableFuture.failedFuture(known);
        }
        singly = true;
        return deleteOneByOne(keys);
    }

    private CompletableFuture<Void> checkEach(DeleteObjectsResponse response) {
        for (S3Error error : response.errors()) {
            String code = error.code() == null ? "" : error.code();
            Kind kind = S3Errors.kind(ObjectOperation.DELETE, code, 0);
            if (kind != Kind.NOT_FOUND) {
                String what = "delete '" + error.key() + "' at " + location + ": " + code;
                // An unknown code for one key is no reason to doubt the request: it may go through next time.
                return CompletableFuture.failedFuture(new ObjectStoreException(kind, what, null));
            }
        }
        return CompletableFuture.allOf();
    }

    private CompletableFuture<Void> deleteOneByOne(List<String> keys) {
        CompletableFuture<Void> done = CompletableFuture.allOf();
        for (String key : keys) {
            done = done.thenCompose(before -> deleteOne(key));
        }
        return done;
    }

    private CompletableFuture<Void> deleteOne(String key) {
        String what = "delete '" + key + "' at " + location;
        return client.deleteObject(request -> request.bucket(location.bucket()).key(location.serverKey(key)))
                .thenAccept(response -> {})
                .exceptionallyCompose(failure -> {
                    ObjectStoreException known = S3Errors.translate(ObjectOperation.DELETE, what, failure);
                    return known.kind() == Kind.NOT_FOUND
                            ? CompletableFuture.allOf()
                            : CompletableFuture.failedFuture(known);
                });
    }
}
