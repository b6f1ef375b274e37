package io.sluice.storage.object.s3;

import io.sluice.config.StoreSettings;
import io.sluice.config.StoreSettings.ServerSideEncryption;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectKeys;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Objects behind the S3 protocol. Each call is one attempt (a listing or a deletion of many may take several requests);
 * trying again, limits and metrics are wrappers around this.
 *
 * <p>Conditional puts need a server that knows {@code If-None-Match}; one that says so with 501 gives {@code INVALID}.
 * Bodies are not copied on the way out and copied once on the way in. Thread-safe.
 */
public final class S3ObjectStore implements ObjectStore {
    private final S3AsyncClient client;
    private final S3Location location;
    private final StoreSettings.S3 settings;
    private final S3Deletion deletion;
    private final ServerDate serverDate;

    private S3ObjectStore(S3AsyncClient client, StoreSettings.S3 settings, ServerDate serverDate) {
        this.client = client;
        this.serverDate = serverDate;
        this.settings = settings;
        this.location = S3Location.of(settings);
        this.deletion = new S3Deletion(client, location);
    }

    /**
     * Makes the client; sends nothing. Fails when the secret access key ({@code DENIED}, naming its source) or the
     * certificates ({@code INVALID}) cannot be read.
     */
    public static S3ObjectStore open(StoreSettings.S3 settings) throws ObjectStoreException {
        ServerDate serverDate = new ServerDate();
        return new S3ObjectStore(S3ClientFactory.create(settings, serverDate), settings, serverDate);
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return request(ObjectOperation.GET, "'" + key + "'", () -> {
            ObjectKeys.requireKey(key);
            GetObjectRequest request = GetObjectRequest.builder()
                    .bucket(location.bucket())
                    .key(location.serverKey(key))
                    .build();
            return client.getObject(request, new BodyCollector(what(ObjectOperation.GET, key), null));
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        String subject = length + " bytes at " + offset + " of '" + key + "'";
        return request(ObjectOperation.GET_RANGE, subject, () -> {
            ObjectKeys.requireRange(key, offset, length);
            ContentRange range = ContentRange.of(offset, length);
            GetObjectRequest request = GetObjectRequest.builder()
                    .bucket(location.bucket())
                    .key(location.serverKey(key))
                    .range(range.request())
                    .build();
            AsyncResponseTransformer<GetObjectResponse, ByteBuffer> body =
                    new BodyCollector(what(ObjectOperation.GET_RANGE, subject), range);
            return client.getObject(request, body);
        });
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return put(ObjectOperation.of(condition), key, body, request -> {
            if (condition == PutCondition.IF_ABSENT) {
                request.ifNoneMatch("*");
            }
        });
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return put(ObjectOperation.PUT_IF_MATCH, key, body, request -> request.ifMatch(entityTag));
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return request(ObjectOperation.HEAD, "'" + key + "'", () -> {
            ObjectKeys.requireKey(key);
            return client.headObject(
                            request -> request.bucket(location.bucket()).key(location.serverKey(key)))
                    .thenApply(head -> new ObjectHead(key, head.contentLength(), head.eTag()));
        });
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return request(ObjectOperation.LIST, "'" + prefix + "'", () -> {
            ObjectKeys.requireListing(prefix, startAfter, limit);
            return new S3Listing(client, location, prefix, startAfter, limit).run();
        });
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        List<String> all = List.copyOf(keys);
        return request(ObjectOperation.DELETE, all.size() + " objects", () -> {
            for (String key : all) {
                ObjectKeys.requireKey(key);
            }
            return deletion.delete(all);
        });
    }

    @Override
    public OptionalLong serverTimeMillis() {
        return serverDate.millis();
    }

    @Override
    public String describe() {
        return location.toString();
    }

    @Override
    public void close() {
        client.close();
    }

    private CompletableFuture<String> put(
            ObjectOperation operation, String key, ByteBuffer body, Consumer<PutObjectRequest.Builder> condition) {
        return request(operation, "'" + key + "'", () -> {
            ObjectKeys.requireKey(key);
            PutObjectRequest.Builder request = PutObjectRequest.builder()
                    .bucket(location.bucket())
                    .key(location.serverKey(key))
                    .contentType("application/octet-stream");
            settings.storageClass().ifPresent(request::storageClass);
            encrypt(request, settings.encryption());
            condition.accept(request);
            AsyncRequestBody content = AsyncRequestBody.fromRemainingByteBufferUnsafe(body.asReadOnlyBuffer());
            return client.putObject(request.build(), content).thenApply(PutObjectResponse::eTag);
        });
    }

    private static void encrypt(PutObjectRequest.Builder request, ServerSideEncryption encryption) {
        switch (encryption.mode()) {
            case NONE -> {}
            case AES256 -> request.serverSideEncryption("AES256");
            case KMS -> {
                request.serverSideEncryption("aws:kms");
                encryption.kmsKeyId().ifPresent(request::ssekmsKeyId);
            }
        }
    }

    /** Begins a request and gives its failures our kinds; also those thrown at once. */
    private <T> CompletableFuture<T> request(ObjectOperation operation, String subject, Attempt<T> attempt) {
        String what = what(operation, subject);
        CompletableFuture<T> begun;
        try {
            begun = attempt.begin();
        } catch (ObjectStoreException | RuntimeException failure) {
            begun = CompletableFuture.failedFuture(failure);
        }
        CompletableFuture<T> sent = begun;
        CompletableFuture<T> result = sent.exceptionallyCompose(
                failure -> CompletableFuture.failedFuture(S3Errors.translate(operation, what, failure)));
        var unused = result.whenComplete((value, failure) -> {
            if (result.isCancelled()) {
                sent.cancel(true);
            }
        });
        return result;
    }

    private String what(ObjectOperation operation, String subject) {
        return operation.label() + " " + subject + " at " + location;
    }

    private interface Attempt<T> {
        CompletableFuture<T> begin() throws ObjectStoreException;
    }
}
