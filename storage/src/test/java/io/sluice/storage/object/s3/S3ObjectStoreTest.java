package io.sluice.storage.object.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.SecretSource.SecretUnavailableException;
import io.sluice.config.StoreSettings.ServerSideEncryption.Mode;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.s3.ScriptedS3Server.Answer;
import io.sluice.storage.object.s3.ScriptedS3Server.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is sent, and what every kind of answer becomes, against a server that answers as told. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
final class S3ObjectStoreTest {
    private static final RequestCause CAUSE = RequestCause.ADMIN;

    /** Open all the time: the SDK takes two seconds to end its threads when the last client closes. */
    private ObjectStore keepsThreads;

    private ScriptedS3Server server;
    private ObjectStore store;

    @BeforeAll
    void keepThreads() throws Exception {
        keepsThreads = S3ObjectStore.open(new S3TestSettings().build(1));
    }

    @AfterAll
    void releaseThreads() {
        keepsThreads.close();
    }

    @BeforeEach
    void start() throws Exception {
        server = ScriptedS3Server.start();
        store = S3ObjectStore.open(new S3TestSettings().build(server.port()));
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    @Test
    void everyAnswerHasItsKind() throws Exception {
        Object[][] table = {
            {404, "NoSuchKey", Kind.NOT_FOUND},
            {404, "NoSuchBucket", Kind.DENIED},
            {412, "PreconditionFailed", Kind.PRECONDITION_FAILED},
            {409, "ConditionalRequestConflict", Kind.UNAVAILABLE},
            {409, "OperationAborted", Kind.UNAVAILABLE},
            {503, "SlowDown", Kind.THROTTLED},
            {503, "ServiceUnavailable", Kind.UNAVAILABLE},
            {503, "Whatever", Kind.THROTTLED},
            {429, "TooManyRequests", Kind.THROTTLED},
            {400, "RequestTimeout", Kind.UNAVAILABLE},
            {400, "ExpiredToken", Kind.DENIED},
            {400, "AuthorizationHeaderMalformed", Kind.DENIED},
            {400, "InvalidArgument", Kind.INVALID},
            {401, "Unauthorized", Kind.DENIED},
            {403, "AccessDenied", Kind.DENIED},
            {403, "SignatureDoesNotMatch", Kind.DENIED},
            {403, "RequestTimeTooSkewed", Kind.DENIED},
            {416, "InvalidRange", Kind.INVALID},
            {500, "InternalError", Kind.UNAVAILABLE},
            {501, "NotImplemented", Kind.INVALID},
            {502, "BadGateway", Kind.UNAVAILABLE},
            {504, "GatewayTimeout", Kind.UNAVAILABLE},
            {507, "InsufficientStorage", Kind.FULL},
        };
        for (Object[] row : table) {
            server.answer(Answer.error((int) row[0], (String) row[1]));
            int before = server.requests().size();
            ObjectStoreException failure = fails((Kind) row[2], put(PutCondition.ALWAYS));
            assertTrue(failure.getMessage().contains("bucket/pre/"), failure.getMessage());
            assertTrue(failure.getMessage().contains((String) row[1]), failure.getMessage());
            assertFalse(failure.getMessage().contains("scripted-secret"));
            assertEquals(before + 1, server.requests().size(), "the SDK must not retry " + row[1]);
        }
    }

    @Test
    void aHeadWithoutABodyGoesByItsStatus() throws Exception {
        for (var entry : Map.of(404, Kind.NOT_FOUND, 403, Kind.DENIED, 503, Kind.THROTTLED, 500, Kind.UNAVAILABLE)
                .entrySet()) {
            server.answer(Answer.of(entry.getKey(), ""));
            fails(entry.getValue(), store.head("key", CAUSE));
        }
    }

    @Test
    void putIfMatchOfAnAbsentObjectFindsItsConditionFalse() throws Exception {
        server.answer(Answer.error(404, "NoSuchKey"), Answer.error(404, "NoSuchBucket"));
        fails(Kind.PRECONDITION_FAILED, store.putIfMatch("key", bytes("x"), "\"tag\"", CAUSE));
        fails(Kind.DENIED, store.putIfMatch("key", bytes("x"), "\"tag\"", CAUSE));
        assertEquals("\"tag\"", server.requests().get(0).header("If-Match"));
    }

    @Test
    void aPutSendsExactlyWhatItShould() throws Exception {
        server.answer(tagged(), tagged());
        assertEquals("\"tag\"", done(put(PutCondition.IF_ABSENT)));
        done(put(PutCondition.ALWAYS));
        Request conditional = server.requests().get(0);
        assertEquals(
                "PUT /bucket/pre/key",
                conditional.method() + " " + conditional.uri().getPath());
        assertEquals("*", conditional.header("If-None-Match"));
        assertEquals("null", server.requests().get(1).header("If-None-Match"));
        assertEquals("null", conditional.header("x-amz-storage-class"));
        assertEquals("null", conditional.header("x-amz-server-side-encryption"));
        assertFalse(conditional.headers().containsKey("x-amz-checksum-crc32"), "not known to every server");
        assertFalse(conditional.headers().containsKey("x-amz-trailer"), "not known to every server");
    }

    @Test
    void storageClassAndEncryptionAreSent() throws Exception {
        S3TestSettings settings =
                new S3TestSettings().storageClass("STANDARD_IA").encryption(Mode.AES256, Optional.empty());
        try (ObjectStore other = S3ObjectStore.open(settings.build(server.port()))) {
            server.answer(tagged());
            done(other.put("key", bytes("x"), PutCondition.ALWAYS, CAUSE));
        }
        settings.encryption(Mode.KMS, Optional.of("key-id"));
        try (ObjectStore other = S3ObjectStore.open(settings.build(server.port()))) {
            server.answer(tagged());
            done(other.put("key", bytes("x"), PutCondition.ALWAYS, CAUSE));
        }
        Request first = server.requests().get(0);
        assertEquals("STANDARD_IA", first.header("x-amz-storage-class"));
        assertEquals("AES256", first.header("x-amz-server-side-encryption"));
        Request second = server.requests().get(1);
        assertEquals("aws:kms", second.header("x-amz-server-side-encryption"));
        assertEquals("key-id", second.header("x-amz-server-side-encryption-aws-kms-key-id"));
    }

    @Test
    void aRangeIsBelievedOnlyWhenItIsTheOneAskedFor() throws Exception {
        server.answer(
                ranged("bytes 2-5/10", "2345"),
                ranged("bytes 3-6/10", "3456"),
                ranged("bytes 2-4/5", "234"),
                ranged("bytes 2-4/10", "234"),
                Answer.of(200, "0123456789"),
                new Answer(206, Map.of("Content-Range", "bytes 2-5/10"), "23", 4));
        assertEquals(bytes("2345"), done(range()));
        assertEquals("bytes=2-5", server.requests().get(0).header("Range"));
        fails(Kind.UNAVAILABLE, range());
        fails(Kind.INVALID, range());
        fails(Kind.UNAVAILABLE, range());
        fails(Kind.INVALID, range());
        fails(Kind.UNAVAILABLE, range());
    }

    @Test
    void aWholeObjectThatCameShortIsUnavailable() throws Exception {
        server.answer(new Answer(200, Map.of(), "0123", 10), Answer.of(200, "0123456789"));
        fails(Kind.UNAVAILABLE, store.get("key", CAUSE));
        assertEquals(bytes("0123456789"), done(store.get("key", CAUSE)));
    }

    @Test
    void aServerThatNeverAnswersIsUnavailableInTime() throws Exception {
        try (ObjectStore hasty = S3ObjectStore.open(
                new S3TestSettings().requestTimeout(Duration.ofMillis(500)).build(server.port()))) {
            server.answer(Answer.none(), Answer.none());
            long startNanos = System.nanoTime();
            fails(Kind.UNAVAILABLE, hasty.get("key", CAUSE));
            fails(Kind.UNAVAILABLE, hasty.put("key", bytes("x"), PutCondition.ALWAYS, CAUSE));
            assertTrue(System.nanoTime() - startNanos < Duration.ofSeconds(8).toNanos());
        }
    }

    @Test
    void aListingOutOfOrderIsNotBelieved() throws Exception {
        server.answer(listing("", "pre/b", "pre/a"), listing("", "pre/a", "pre/a"), listing("", "other/a"));
        fails(Kind.INVALID, store.list("", null, 10, CAUSE));
        fails(Kind.INVALID, store.list("", null, 10, CAUSE));
        fails(Kind.INVALID, store.list("", null, 10, CAUSE));
        server.answer(listing("", "pre/a", "pre/b"));
        fails(Kind.INVALID, store.list("", "a", 10, CAUSE));
    }

    @Test
    void aListingGoesOnBehindPagesWithoutObjectsOfOurs() throws Exception {
        server.answer(listing("token", "pre/a folder/"), listing("token2"), listing("token3", "pre/b/x", "pre/c~"));
        ObjectPage page = done(store.list("", null, 10, CAUSE));
        assertEquals(List.of(new ObjectHead("b/x", 3, "\"t\"")), page.objects());
        assertTrue(page.more());
        assertEquals(3, server.requests().size());
        assertTrue(server.requests().get(2).uri().getQuery().contains("continuation-token=token2"));
    }

    @Test
    void aListingThatDoesNotSayHowToGoOnIsNotComplete() throws Exception {
        server.answer(Answer.of(200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
        fails(Kind.INVALID, store.list("", null, 10, CAUSE));
    }

    @Test
    void aKeyThatCouldNotBeDeletedFailsTheDeletion() throws Exception {
        server.answer(deleteErrors("AccessDenied"), deleteErrors("SlowDown"), deleteErrors("InternalError"));
        fails(Kind.DENIED, store.delete(List.of("a", "b"), CAUSE));
        fails(Kind.THROTTLED, store.delete(List.of("a", "b"), CAUSE));
        fails(Kind.UNAVAILABLE, store.delete(List.of("a", "b"), CAUSE));
        server.answer(deleteErrors("NoSuchKey"));
        done(store.delete(List.of("a", "b"), CAUSE));
        assertEquals(4, server.requests().size());
        assertTrue(server.requests().get(0).headers().containsKey("Content-MD5"), "older servers want it");
    }

    @Test
    void aServerThatCannotDeleteManyIsAskedOneByOneFromThenOn() throws Exception {
        Answer gone = new Answer(204, Map.of(), "", -1);
        server.answer(Answer.error(501, "NotImplemented"), gone, Answer.error(404, "NoSuchKey"), gone, gone);
        done(store.delete(List.of("a", "b"), CAUSE));
        done(store.delete(List.of("c", "d"), CAUSE));
        List<String> methods = server.requests().stream().map(Request::method).toList();
        assertEquals(List.of("POST", "DELETE", "DELETE", "DELETE", "DELETE"), methods);
    }

    @Test
    void anErrorOfTheDeletionIsNotTakenForIgnorance() throws Exception {
        server.answer(Answer.error(500, "InternalError"), Answer.error(404, "NoSuchBucket"));
        fails(Kind.UNAVAILABLE, store.delete(List.of("a", "b"), CAUSE));
        fails(Kind.DENIED, store.delete(List.of("a", "b"), CAUSE));
        assertEquals(2, server.requests().size());
    }

    @Test
    void moreThanAThousandKeysGoInLots() throws Exception {
        server.answer(Answer.of(200, "<DeleteResult/>"), Answer.of(200, "<DeleteResult/>"));
        List<String> keys = IntStream.range(0, 1500).mapToObj(i -> "k" + i).toList();
        done(store.delete(keys, CAUSE));
        assertEquals(2, server.requests().size());
        String second = new String(server.requests().get(1).body(), StandardCharsets.UTF_8);
        assertTrue(second.contains("<Key>pre/k1000</Key>") && !second.contains("<Key>pre/k999</Key>"));
    }

    @Test
    void anUnreadableSecretIsDeniedAndNamesItsSource() {
        SecretSource broken = new SecretSource() {
            @Override
            public Secret read() throws SecretUnavailableException {
                throw new SecretUnavailableException("it is empty");
            }

            @Override
            public String describe() {
                return "file /etc/sluice/s3.secret";
            }
        };
        ObjectStoreException failure = assertThrows(
                ObjectStoreException.class,
                () -> S3ObjectStore.open(new S3TestSettings().secret(broken).build(1)));
        assertEquals(Kind.DENIED, failure.kind());
        assertTrue(failure.getMessage().contains("file /etc/sluice/s3.secret"), failure.getMessage());
        assertTrue(failure.getMessage().contains("it is empty"), failure.getMessage());
    }

    @Test
    void missingCredentialsAreDenied() throws Exception {
        String property = "aws.disableEc2Metadata";
        System.setProperty(property, "true");
        try (ObjectStore chained =
                S3ObjectStore.open(new S3TestSettings().chain("no-such-profile").build(server.port()))) {
            ObjectStoreException failure = fails(Kind.DENIED, chained.get("key", CAUSE));
            assertTrue(failure.getMessage().contains("no credentials found"), failure.getMessage());
            assertEquals(0, server.requests().size());
        } finally {
            System.clearProperty(property);
        }
    }

    @Test
    void theProfileOfTheSharedFilesIsUsed(@TempDir Path directory) throws Exception {
        String property = "aws.sharedCredentialsFile";
        Path file = Files.writeString(directory.resolve("credentials"), """
                [other]
                aws_access_key_id = wrong
                aws_secret_access_key = s
                [mine]
                aws_access_key_id = key-of-mine
                aws_secret_access_key = s
                """);
        System.setProperty(property, file.toString());
        try (ObjectStore chained =
                S3ObjectStore.open(new S3TestSettings().chain("mine").build(server.port()))) {
            server.answer(Answer.of(200, "x"));
            assertEquals(bytes("x"), done(chained.get("key", CAUSE)));
            String authorization = server.requests().get(0).header("Authorization");
            assertTrue(authorization.contains("Credential=key-of-mine/"), authorization);
            assertTrue(authorization.contains("/eu-test-1/s3/"), authorization);
        } finally {
            System.clearProperty(property);
        }
    }

    @Test
    void certificatesThatAreNoneAreInvalid(@TempDir Path directory) throws IOException {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        Path wrong = Files.writeString(directory.resolve("wrong.pem"), "-----BEGIN CERTIFICATE-----\nxx\n");
        for (Path file : List.of(empty, wrong, directory.resolve("missing.pem"))) {
            S3TestSettings settings = new S3TestSettings().https(Optional.of(file));
            ObjectStoreException failure =
                    assertThrows(ObjectStoreException.class, () -> S3ObjectStore.open(settings.build(1)));
            assertEquals(Kind.INVALID, failure.kind());
            assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
        }
    }

    @Test
    void aServerIsTrustedByTheCertificateInTheFile(@TempDir Path directory) throws Exception {
        try (TlsIdentity identity = TlsIdentity.create(directory);
                ScriptedS3Server secure = ScriptedS3Server.start(identity.server())) {
            S3TestSettings trusting = new S3TestSettings().https(Optional.of(identity.certificate()));
            secure.answer(Answer.of(200, "0123456789"));
            try (ObjectStore trusted = S3ObjectStore.open(trusting.build(secure.port()))) {
                assertEquals(bytes("0123456789"), done(trusted.get("key", CAUSE)));
            }
            S3TestSettings doubting = new S3TestSettings().https(Optional.empty());
            try (ObjectStore untrusted = S3ObjectStore.open(doubting.build(secure.port()))) {
                ObjectStoreException failure = fails(Kind.DENIED, untrusted.get("key", CAUSE));
                assertTrue(failure.getMessage().contains("ca-file"), failure.getMessage());
            }
        }
    }

    @Test
    void itsDescriptionHoldsNoSecret() {
        String text = store.describe();
        assertEquals("s3://bucket/pre/ at http://127.0.0.1:" + server.port(), text);
    }

    private CompletableFuture<String> put(PutCondition condition) {
        return store.put("key", bytes("body"), condition, CAUSE);
    }

    private CompletableFuture<ByteBuffer> range() {
        return store.getRange("key", 2, 4, CAUSE);
    }

    private static Answer tagged() {
        return new Answer(200, Map.of("ETag", "\"tag\""), "", -1);
    }

    private static Answer ranged(String contentRange, String body) {
        return new Answer(206, Map.of("Content-Range", contentRange), body, -1);
    }

    private static Answer listing(String token, String... keys) {
        StringBuilder xml = new StringBuilder("<ListBucketResult><IsTruncated>" + !token.isEmpty() + "</IsTruncated>");
        if (!token.isEmpty()) {
            xml.append("<NextContinuationToken>").append(token).append("</NextContinuationToken>");
        }
        for (String key : keys) {
            xml.append("<Contents><Key>")
                    .append(key)
                    .append("</Key><Size>3</Size><ETag>&quot;t&quot;</ETag></Contents>");
        }
        return Answer.of(200, xml.append("</ListBucketResult>").toString());
    }

    private static Answer deleteErrors(String code) {
        return Answer.of(200, "<DeleteResult><Error><Key>pre/a</Key><Code>" + code + "</Code></Error></DeleteResult>");
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static <T> T done(CompletableFuture<T> request) throws Exception {
        return request.get(30, TimeUnit.SECONDS);
    }

    private static ObjectStoreException fails(Kind kind, CompletableFuture<?> request) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> request.get(30, TimeUnit.SECONDS));
        ObjectStoreException found = ObjectStoreException.find(failure);
        if (found == null) {
            throw new AssertionError("not a failure of the store", failure);
        }
        assertEquals(kind, found.kind(), found.getMessage());
        return found;
    }
}
