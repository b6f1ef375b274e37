package io.sluice.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

/** Every promise of {@link ObjectStore}, for each implementation to inherit. A test gets an empty store. */
public abstract class ObjectStoreContract {
    private static final RequestCause CAUSE = RequestCause.ADMIN;
    private static final int CONTENDERS = 12;

    /** The store of the test that runs. */
    protected ObjectStore store = new MemoryObjectStore();

    /** A new, empty store; closed by the test. */
    protected abstract ObjectStore openEmptyStore() throws Exception;

    /** False for servers that look at the tag and then put, so that several contenders can win at once. */
    protected boolean putIfMatchIsAtomic() {
        return true;
    }

    @BeforeEach
    final void open() throws Exception {
        store = openEmptyStore();
    }

    @AfterEach
    final void close() {
        store.close();
    }

    @Test
    void aPutIsSeenByEveryLaterRequest() {
        String tag = put("a/b/c.seg", "content");
        assertEquals("content", text(done(store.get("a/b/c.seg", CAUSE))));
        ObjectHead head = done(store.head("a/b/c.seg", CAUSE));
        assertEquals(new ObjectHead("a/b/c.seg", 7, tag), head);
        assertEquals(List.of("a/b/c.seg"), keys(done(store.list("a/", null, 10, CAUSE))));
        assertEquals(7, done(store.list("", null, 10, CAUSE)).objects().get(0).sizeBytes());
    }

    @Test
    void aSecondPutReplacesTheWhole() {
        String first = put("key", "a long first version");
        String second = put("key", "short");
        assertNotEquals(first, second);
        assertEquals("short", text(done(store.get("key", CAUSE))));
        assertEquals(5, done(store.head("key", CAUSE)).sizeBytes());
    }

    @Test
    void aPutLeavesTheBufferOfTheCallerAlone() {
        ByteBuffer body = ByteBuffer.wrap("xxcontentxx".getBytes(StandardCharsets.US_ASCII));
        body.position(2).limit(9);
        done(store.put("key", body, PutCondition.ALWAYS, CAUSE));
        assertEquals(2, body.position());
        assertEquals(9, body.limit());
        assertEquals("content", text(done(store.get("key", CAUSE))));
    }

    @Test
    void aPutTakesDirectAndReadOnlyBuffers() {
        ByteBuffer direct = ByteBuffer.allocateDirect(4)
                .put("DIRE".getBytes(StandardCharsets.US_ASCII))
                .flip();
        done(store.put("direct", direct, PutCondition.ALWAYS, CAUSE));
        done(store.put("readonly", direct.asReadOnlyBuffer(), PutCondition.ALWAYS, CAUSE));
        assertEquals("DIRE", text(done(store.get("direct", CAUSE))));
        assertEquals("DIRE", text(done(store.get("readonly", CAUSE))));
    }

    @Test
    void anEmptyObjectIsAnObject() {
        put("empty", "");
        assertEquals(0, done(store.get("empty", CAUSE)).remaining());
        assertEquals(0, done(store.head("empty", CAUSE)).sizeBytes());
        assertFails(Kind.INVALID, store.getRange("empty", 0, 1, CAUSE));
        assertEquals(List.of("empty"), keys(done(store.list("", null, 10, CAUSE))));
    }

    @Test
    void whatIsReadIsReadOnlyAndBeginsAtZero() {
        put("key", "0123456789");
        for (ByteBuffer body : List.of(done(store.get("key", CAUSE)), done(store.getRange("key", 3, 4, CAUSE)))) {
            assertTrue(body.isReadOnly());
            assertEquals(0, body.position());
        }
    }

    @Test
    void anAbsentObjectIsNotFound() {
        put("other", "x");
        assertFails(Kind.NOT_FOUND, store.get("absent", CAUSE));
        assertFails(Kind.NOT_FOUND, store.get("ab/se/nt", CAUSE));
        assertFails(Kind.NOT_FOUND, store.getRange("absent", 0, 1, CAUSE));
        assertFails(Kind.NOT_FOUND, store.head("absent", CAUSE));
    }

    @Test
    void aPrefixOfAKeyIsNotAnObject() {
        put("dir/object", "x");
        assertFails(Kind.NOT_FOUND, store.get("dir", CAUSE));
        assertFails(Kind.NOT_FOUND, store.head("dir", CAUSE));
        assertFails(Kind.NOT_FOUND, store.head("dir/obj", CAUSE));
    }

    @Test
    void aRangeIsExactlyThatRange() {
        put("key", "0123456789");
        assertEquals("0", text(done(store.getRange("key", 0, 1, CAUSE))));
        assertEquals("9", text(done(store.getRange("key", 9, 1, CAUSE))));
        assertEquals("3456", text(done(store.getRange("key", 3, 4, CAUSE))));
        assertEquals("0123456789", text(done(store.getRange("key", 0, 10, CAUSE))));
    }

    @Test
    void aRangeThatEndsBehindTheObjectIsInvalid() {
        put("key", "0123456789");
        assertFails(Kind.INVALID, store.getRange("key", 0, 11, CAUSE));
        assertFails(Kind.INVALID, store.getRange("key", 9, 2, CAUSE));
        assertFails(Kind.INVALID, store.getRange("key", 10, 1, CAUSE));
        assertFails(Kind.INVALID, store.getRange("key", 1L << 40, 1, CAUSE));
    }

    @Test
    void aRangeThatIsNoneIsInvalid() {
        put("key", "0123456789");
        assertFails(Kind.INVALID, store.getRange("key", -1, 1, CAUSE));
        assertFails(Kind.INVALID, store.getRange("key", 0, 0, CAUSE));
        assertFails(Kind.INVALID, store.getRange("key", Long.MAX_VALUE, 2, CAUSE));
    }

    @Test
    void putIfAbsentWinsOnceAndLeavesTheWinnerThere() {
        done(store.put("key", bytes("first"), PutCondition.IF_ABSENT, CAUSE));
        assertFails(Kind.PRECONDITION_FAILED, store.put("key", bytes("second"), PutCondition.IF_ABSENT, CAUSE));
        assertEquals("first", text(done(store.get("key", CAUSE))));
        done(store.delete(List.of("key"), CAUSE));
        done(store.put("key", bytes("third"), PutCondition.IF_ABSENT, CAUSE));
        assertEquals("third", text(done(store.get("key", CAUSE))));
    }

    @Test
    void exactlyOneOfManyContendersWinsPutIfAbsent() {
        for (int round = 0; round < 20; round++) {
            String key = "contended/" + round;
            List<CompletableFuture<String>> puts = new ArrayList<>();
            for (int i = 0; i < CONTENDERS; i++) {
                puts.add(store.put(key, bytes("contender " + i), PutCondition.IF_ABSENT, CAUSE));
            }
            List<Integer> winners = new ArrayList<>();
            for (int i = 0; i < CONTENDERS; i++) {
                ObjectStoreException lost = failureOf(puts.get(i));
                if (lost == null) {
                    winners.add(i);
                } else {
                    assertTrue(lost.kind() == Kind.PRECONDITION_FAILED || lost.isTransient(), lost.toString());
                }
            }
            assertEquals(1, winners.size(), "winners of round " + round + ": " + winners);
            assertEquals("contender " + winners.get(0), text(done(store.get(key, CAUSE))));
        }
    }

    @Test
    void putIfMatchReplacesOnlyTheNamedVersion() {
        String first = put("key", "first");
        String second = done(store.putIfMatch("key", bytes("second"), first, CAUSE));
        assertFails(Kind.PRECONDITION_FAILED, store.putIfMatch("key", bytes("third"), first, CAUSE));
        assertEquals("second", text(done(store.get("key", CAUSE))));
        assertEquals(second, done(store.head("key", CAUSE)).entityTag());
        assertFails(Kind.PRECONDITION_FAILED, store.putIfMatch("absent", bytes("x"), first, CAUSE));
        assertFails(Kind.NOT_FOUND, store.head("absent", CAUSE));
    }

    @Test
    void exactlyOneOfManyContendersWinsPutIfMatch() {
        String tag = put("key", "origin");
        List<CompletableFuture<String>> puts = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            puts.add(store.putIfMatch("key", bytes("contender " + i), tag, CAUSE));
        }
        long winners = puts.stream().filter(put -> failureOf(put) == null).count();
        assertTrue(winners == 1 || (winners > 1 && !putIfMatchIsAtomic()), "winners: " + winners);
    }

    @Test
    void deletedObjectsAreGoneAndAbsentOnesCountAsDeleted() {
        put("a/1", "x");
        put("a/2", "x");
        put("b", "x");
        done(store.delete(List.of("a/1", "absent", "ab/sent", "b"), CAUSE));
        assertFails(Kind.NOT_FOUND, store.get("a/1", CAUSE));
        assertFails(Kind.NOT_FOUND, store.head("b", CAUSE));
        assertEquals(List.of("a/2"), keys(done(store.list("", null, 10, CAUSE))));
        done(store.delete(List.of("a/1"), CAUSE));
        done(store.delete(List.of(), CAUSE));
        assertEquals("x", text(done(store.get("a/2", CAUSE))));
    }

    @Test
    void moreThanAThousandAreDeletedAtOnce() {
        put("n/0001", "x");
        put("n/1100", "x");
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            keys.add(String.format("n/%04d", i));
        }
        done(store.delete(keys, CAUSE));
        assertEquals(List.of(), keys(done(store.list("", null, 10, CAUSE))));
    }

    @Test
    void listingsAscendByBytesAndGoOnBehindTheLast() {
        List<String> keys = List.of("a-b", "a.b/x", "a/b", "a/b-c", "a0", "aB", "a_b", "ab", "b/a/a", "b/a0", "b0");
        List<String> shuffled = new ArrayList<>(keys);
        Collections.shuffle(shuffled, new Random(1));
        shuffled.forEach(key -> put(key, key));
        List<String> sorted = List.copyOf(new TreeSet<>(keys));
        assertEquals(sorted, keys(done(store.list("", null, 1000, CAUSE))));
        for (int limit : new int[] {1, 2, 3, 5, sorted.size()}) {
            assertEquals(sorted, listAll("", limit), "pages of " + limit);
        }
    }

    @Test
    void aListingSaysWhetherThereIsMore() {
        for (int i = 0; i < 5; i++) {
            put("p/" + i, "x");
        }
        put("q", "x");
        assertTrue(done(store.list("p/", null, 4, CAUSE)).more());
        assertFalse(done(store.list("p/", "p/0", 4, CAUSE)).more());
        assertFalse(done(store.list("p/", null, 6, CAUSE)).more());
        ObjectPage last = done(store.list("p/", "p/4", 4, CAUSE));
        assertEquals(List.of(), last.objects());
        assertFalse(last.more());
    }

    @Test
    void aListingKeepsToPrefixAndStart() {
        for (String key : List.of("seg/1/a", "seg/10/a", "seg/2/a", "seg0", "sef")) {
            put(key, "x");
        }
        assertEquals(List.of("seg/1/a", "seg/10/a", "seg/2/a"), listAll("seg/", 10));
        assertEquals(List.of("seg/1/a", "seg/10/a"), listAll("seg/1", 10));
        assertEquals(List.of("seg/1/a"), listAll("seg/1/a", 10));
        assertEquals(List.of(), listAll("none/", 10));
        assertEquals(List.of("seg/2/a"), keys(done(store.list("seg/", "seg/10/a", 10, CAUSE))));
        assertEquals(List.of("seg/2/a"), keys(done(store.list("seg/", "seg/10/zzz", 10, CAUSE))));
        assertEquals(List.of("seg/1/a", "seg/10/a", "seg/2/a"), keys(done(store.list("seg/", "a", 10, CAUSE))));
        assertEquals(List.of(), keys(done(store.list("seg/", "z", 10, CAUSE))));
    }

    @Test
    void aRandomBucketIsListedAsASortedSetWould() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        TreeSet<String> keys = new TreeSet<>();
        for (int i = 0; i < 60; i++) {
            keys.add("d" + random.nextInt(3) + "-/" + "x.".repeat(random.nextInt(2)) + "k" + random.nextInt(40));
        }
        for (String key : keys) {
            put(key, "x");
        }
        for (int i = 0; i < 20; i++) {
            String prefix = random.nextBoolean() ? "" : "d" + random.nextInt(4);
            String after = "d" + random.nextInt(4) + "-/k" + random.nextInt(40);
            List<String> expected = keys.stream()
                    .filter(key -> key.startsWith(prefix) && key.compareTo(after) > 0)
                    .limit(7)
                    .toList();
            List<String> listed = keys(done(store.list(prefix, after, 7, CAUSE)));
            assertEquals(expected, listed, "seed " + seed + ", prefix " + prefix + ", after " + after);
        }
    }

    @Test
    void keysAtTheLimitsWork() {
        String part = "k".repeat(ObjectKeys.PART_LENGTH_MAX);
        String longest = part + "/" + part + "/" + "z".repeat(ObjectKeys.KEY_LENGTH_MAX - 2 * part.length() - 2);
        assertEquals(ObjectKeys.KEY_LENGTH_MAX, longest.length());
        List<String> keys = List.of("0", "A-Z_a.z", "_under", longest);
        for (String key : keys) {
            put(key, key);
        }
        for (String key : keys) {
            assertEquals(key, text(done(store.get(key, CAUSE))));
        }
        assertEquals(keys, listAll("", 10));
        done(store.delete(keys, CAUSE));
        assertEquals(List.of(), listAll("", 10));
    }

    @Test
    void whatIsNoKeyIsInvalid() {
        List<String> wrong = List.of(
                "",
                "/a",
                "a/",
                "a//b",
                ".",
                "a/../b",
                "a/...",
                "ä",
                "a b",
                "a~",
                "a\\b",
                "a\u0000",
                "k".repeat(201),
                "a/".repeat(256) + "a");
        for (String key : wrong) {
            assertFails(Kind.INVALID, store.get(key, CAUSE));
            assertFails(Kind.INVALID, store.head(key, CAUSE));
            assertFails(Kind.INVALID, store.getRange(key, 0, 1, CAUSE));
            assertFails(Kind.INVALID, store.put(key, bytes("x"), PutCondition.ALWAYS, CAUSE));
            assertFails(Kind.INVALID, store.putIfMatch(key, bytes("x"), "tag", CAUSE));
            assertFails(Kind.INVALID, store.delete(List.of("fine", key), CAUSE));
        }
        assertFails(Kind.INVALID, store.list("a~", null, 1, CAUSE));
        assertFails(Kind.INVALID, store.list("", "a b", 1, CAUSE));
        assertFails(Kind.INVALID, store.list("", null, 0, CAUSE));
        assertFails(Kind.INVALID, store.list("", null, 1001, CAUSE));
    }

    @Test
    void aLargeObjectComesBackWholeAndInParts() {
        long seed = new Random().nextLong();
        byte[] content = new byte[9 * 1024 * 1024 + 17];
        new Random(seed).nextBytes(content);
        done(store.put("large", ByteBuffer.wrap(content), PutCondition.IF_ABSENT, CAUSE));
        assertEquals(ByteBuffer.wrap(content), done(store.get("large", CAUSE)), "seed " + seed);
        int length = 1024 * 1024 + 1;
        for (int offset : new int[] {0, 4096, 8 * 1024 * 1024 - 1, content.length - length}) {
            assertEquals(
                    ByteBuffer.wrap(content, offset, length),
                    done(store.getRange("large", offset, length, CAUSE)),
                    "seed " + seed + ", offset " + offset);
        }
    }

    @Test
    void readersNeverSeePartOfAnObject() {
        int length = 64 * 1024;
        put("key", "a".repeat(length));
        for (int round = 0; round < 10; round++) {
            String letter = String.valueOf((char) ('b' + round));
            CompletableFuture<String> put = store.put("key", bytes(letter.repeat(length)), PutCondition.ALWAYS, CAUSE);
            List<CompletableFuture<ByteBuffer>> reads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                reads.add(store.get("key", CAUSE));
            }
            for (CompletableFuture<ByteBuffer> read : reads) {
                String seen = text(done(read));
                assertEquals(seen.substring(0, 1).repeat(length), seen);
            }
            done(put);
            assertEquals(letter.repeat(length), text(done(store.get("key", CAUSE))));
        }
    }

    @Test
    void requestsOfManyKeysRunSideBySide() {
        List<CompletableFuture<String>> puts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            puts.add(store.put("side/" + (i % 4) + "/" + i, bytes("body " + i), PutCondition.ALWAYS, CAUSE));
        }
        puts.forEach(ObjectStoreContract::done);
        for (int i = 0; i < 40; i++) {
            assertEquals("body " + i, text(done(store.get("side/" + (i % 4) + "/" + i, CAUSE))));
        }
        assertEquals(40, listAll("side/", 7).size());
    }

    @Test
    void itSaysWhereItIs() {
        assertFalse(store.describe().isBlank());
    }

    /** Puts a text and waits. */
    protected final String put(String key, String content) {
        return done(store.put(key, bytes(content), PutCondition.ALWAYS, CAUSE));
    }

    /** All keys, page by page. */
    protected final List<String> listAll(String prefix, int limit) {
        List<String> all = new ArrayList<>();
        ObjectPage page = done(store.list(prefix, null, limit, CAUSE));
        all.addAll(keys(page));
        while (page.more()) {
            assertFalse(page.objects().isEmpty(), "an empty page that is not the last");
            page = done(store.list(prefix, all.get(all.size() - 1), limit, CAUSE));
            all.addAll(keys(page));
        }
        return all;
    }

    /** Waits for a request that must succeed. */
    protected static <T> T done(CompletableFuture<T> request) {
        try {
            return request.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            throw new AssertionFailedError("a request failed: " + failure, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionFailedError("interrupted", interrupted);
        }
    }

    /** Waits for a request that must fail with that kind. */
    protected static ObjectStoreException assertFails(Kind kind, CompletableFuture<?> request) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> request.get(60, TimeUnit.SECONDS));
        ObjectStoreException found = ObjectStoreException.find(failure);
        if (found == null) {
            throw new AssertionFailedError("not a failure of the store: " + failure, failure);
        }
        assertEquals(kind, found.kind(), found.getMessage());
        return found;
    }

    /** Waits; null when the request succeeded. */
    protected static @Nullable ObjectStoreException failureOf(CompletableFuture<?> request) {
        try {
            request.get(30, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException failure) {
            return ObjectStoreException.find(failure);
        } catch (InterruptedException | TimeoutException failure) {
            throw new AssertionFailedError("no answer", failure);
        }
    }

    /** The bytes of a text. */
    protected static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The text in a buffer. */
    protected static String text(ByteBuffer buffer) {
        return StandardCharsets.US_ASCII.decode(buffer.duplicate()).toString();
    }

    /** The keys of a page. */
    protected static List<String> keys(ObjectPage page) {
        return page.objects().stream().map(ObjectHead::key).toList();
    }
}
