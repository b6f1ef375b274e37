package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.StoreSettings;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreContract;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.s3.S3ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The S3 store keeps every promise against a real server, and says plainly what goes wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class S3ObjectStoreContractTest extends ObjectStoreContract {
    private static final RequestCause CAUSE = RequestCause.ADMIN;

    @SuppressWarnings("NullAway.Init")
    private S3ProxyServer server;

    /** Open all the time: the SDK takes two seconds to end its threads when the last client closes. */
    @SuppressWarnings("NullAway.Init")
    private ObjectStore keepsThreads;

    private int buckets;

    @BeforeAll
    void startServer(@TempDir Path directory) throws Exception {
        server = S3ProxyServer.start(directory);
        keepsThreads = S3ObjectStore.open(S3Fixture.settings(server.endpoint(), "none", ""));
    }

    @AfterAll
    void stopServer() {
        keepsThreads.close();
        server.close();
    }

    @Override
    protected ObjectStore openEmptyStore() throws Exception {
        String bucket = "bucket-" + ++buckets;
        server.createBucket(bucket);
        // Every other test runs below a prefix.
        return S3ObjectStore.open(S3Fixture.settings(server.endpoint(), bucket, buckets % 2 == 0 ? "" : "pre/fix/"));
    }

    /** S3Proxy looks at the tag first and puts then; its put-if-absent is atomic. */
    @Override
    protected boolean putIfMatchIsAtomic() {
        return false;
    }

    @Test
    void wrongCredentialsAreDenied() throws Exception {
        server.createBucket("denied");
        StoreSettings.S3 settings = S3Fixture.settings(server.endpoint(), "denied", "", "wrong-secret");
        try (ObjectStore denied = S3ObjectStore.open(settings)) {
            ObjectStoreException failure = assertFails(Kind.DENIED, denied.get("key", CAUSE));
            assertTrue(failure.getMessage().contains("credentials"), failure.getMessage());
            assertTrue(!failure.toString().contains("wrong-secret"));
            assertFails(Kind.DENIED, denied.head("key", CAUSE));
            assertFails(Kind.DENIED, denied.list("", null, 1, CAUSE));
            assertFails(Kind.DENIED, denied.put("key", bytes("x"), PutCondition.IF_ABSENT, CAUSE));
            assertFails(Kind.DENIED, denied.delete(List.of("key", "key2"), CAUSE));
        }
    }

    @Test
    void aMissingBucketIsNamed() throws Exception {
        StoreSettings.S3 settings = S3Fixture.settings(server.endpoint(), "no-such-bucket", "");
        try (ObjectStore missing = S3ObjectStore.open(settings)) {
            for (var request : List.of(
                    missing.list("", null, 1, CAUSE),
                    missing.get("key", CAUSE),
                    missing.put("key", bytes("x"), PutCondition.ALWAYS, CAUSE))) {
                ObjectStoreException failure = assertFails(Kind.DENIED, request);
                assertTrue(failure.getMessage().contains("no-such-bucket"), failure.getMessage());
                assertTrue(failure.getMessage().contains("bucket is missing"), failure.getMessage());
            }
        }
    }

    @Test
    void aStoppedServerIsUnavailableAndComesBack() throws Exception {
        put("key", "before");
        server.kill();
        long startNanos = System.nanoTime();
        assertFails(Kind.UNAVAILABLE, store.get("key", CAUSE));
        assertFails(Kind.UNAVAILABLE, store.put("key", bytes("lost"), PutCondition.ALWAYS, CAUSE));
        assertFails(Kind.UNAVAILABLE, store.list("", null, 1, CAUSE));
        Duration spent = Duration.ofNanos(System.nanoTime() - startNanos);
        assertTrue(spent.compareTo(Duration.ofSeconds(45)) < 0, "took " + spent);
        server.start();
        assertEquals("before", text(done(store.get("key", CAUSE))));
        put("key", "after");
        assertEquals("after", text(done(store.get("key", CAUSE))));
    }

    @Test
    void ifNoneMatchLooksAtTheKeyAlone() throws Exception {
        done(store.put("key", bytes("same"), PutCondition.IF_ABSENT, CAUSE));
        assertFails(Kind.PRECONDITION_FAILED, store.put("key", bytes("same"), PutCondition.IF_ABSENT, CAUSE));
        done(store.put("key2", bytes("same"), PutCondition.IF_ABSENT, CAUSE));
    }
}
