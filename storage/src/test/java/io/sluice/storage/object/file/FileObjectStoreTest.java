package io.sluice.storage.object.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.SeededEntropy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a directory does beyond the contract: crashes, other processes, missing and full disks. */
final class FileObjectStoreTest {
    private static final RequestCause CAUSE = RequestCause.ADMIN;

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final Random seeds = new Random(20261121);

    @TempDir
    Path directory = Path.of("");

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void aKeyIsTheFileOfThatName() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, "volumes/1/segment", "content");
        }
        assertEquals("content", Files.readString(directory.resolve("volumes/1/segment")));
    }

    @Test
    void whatWasPutIsThereAfterReopening() throws Exception {
        String tag;
        try (FileObjectStore store = open()) {
            tag = put(store, "a/b", "content");
        }
        try (FileObjectStore store = open()) {
            assertEquals(tag, store.head("a/b", CAUSE).join().entityTag());
            assertEquals(7, store.get("a/b", CAUSE).join().remaining());
        }
    }

    @Test
    void aMissingDirectoryIsNamed() {
        Path missing = directory.resolve("missing");
        ObjectStoreException failure = assertThrows(
                ObjectStoreException.class, () -> new FileObjectStore(missing, new SeededEntropy(1), threads));
        assertEquals(Kind.NOT_FOUND, failure.kind());
        assertTrue(failure.getMessage().contains("bucket directory " + missing + " is missing"), failure.getMessage());
        assertFalse(Files.exists(missing));
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsDenied() {
        // sysfs refuses new names to everybody, root included.
        ObjectStoreException failure = assertThrows(
                ObjectStoreException.class,
                () -> new FileObjectStore(Path.of("/sys/kernel"), new SeededEntropy(1), threads));
        assertEquals(Kind.DENIED, failure.kind(), failure.getMessage());
    }

    @Test
    void aFullDiskIsFull() {
        IOException failure = assertThrows(IOException.class, () -> {
            try (OutputStream full = Files.newOutputStream(Path.of("/dev/full"))) {
                full.write(1);
            }
        });
        assertEquals(Kind.FULL, FileErrors.translate("put", failure).kind());
        assertEquals(
                Kind.UNAVAILABLE,
                FileErrors.translate("put", new IOException("Input/output error"))
                        .kind());
    }

    @Test
    void aVanishedDirectoryIsNoAbsence() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, "a/b", "content");
            Files.move(directory, directory.resolveSibling(directory.getFileName() + "-away"));
            Files.createDirectories(directory);
            assertFails(Kind.UNAVAILABLE, store.get("a/b", CAUSE));
            assertFails(Kind.UNAVAILABLE, store.head("a/b", CAUSE));
            assertFails(Kind.UNAVAILABLE, store.list("", null, 10, CAUSE));
            assertFails(Kind.UNAVAILABLE, store.delete(List.of("a/b"), CAUSE));
            assertFails(Kind.UNAVAILABLE, putting(store, "a/b", "lost"));
            assertEquals(0, files(directory).size());
            Files.delete(directory);
            Files.move(directory.resolveSibling(directory.getFileName() + "-away"), directory);
            assertEquals(7, store.get("a/b", CAUSE).join().remaining());
        }
    }

    @Test
    void leftoversOfTheDeadGoAndTheWorkOfTheLivingStays() throws Exception {
        Path temporary = Files.createDirectories(directory.resolve("~tmp"));
        Path dead = Files.writeString(temporary.resolve("dead.1.part"), "half");
        Path deadLive = Files.writeString(temporary.resolve("dead.live"), "");
        Path orphan = Files.writeString(temporary.resolve("orphan.1.part"), "half");
        try (FileObjectStore first = open()) {
            assertFalse(Files.exists(dead) || Files.exists(deadLive) || Files.exists(orphan));
            Path living = files(temporary).stream()
                    .filter(file -> file.toString().endsWith(".live"))
                    .findFirst()
                    .orElseThrow();
            String id = living.getFileName().toString().replace(".live", "");
            Path work = Files.writeString(temporary.resolve(id + ".99.part"), "half");
            try (FileObjectStore second = open()) {
                put(second, "key", "content");
                assertTrue(Files.exists(work) && Files.exists(living));
            }
            assertTrue(Files.exists(work) && Files.exists(living));
            put(first, "key2", "content");
        }
        assertEquals(
                List.of(),
                files(temporary).stream()
                        .filter(file -> file.toString().endsWith(".live"))
                        .toList());
    }

    @Test
    void workOfAnotherLivingProcessStays() throws Exception {
        Path temporary = Files.createDirectories(directory.resolve("~tmp"));
        Path work = Files.writeString(temporary.resolve("other.1.part"), "half");
        Path live = temporary.resolve("other.live");
        try (LockHolder other = LockHolder.start(live)) {
            try (FileObjectStore store = open()) {
                assertTrue(Files.exists(work) && Files.exists(live));
                put(store, "key", "content");
            }
            other.kill();
        }
        try (FileObjectStore store = open()) {
            assertFalse(Files.exists(work) || Files.exists(live));
            put(store, "key", "content");
        }
    }

    @Test
    void nothingTemporaryStaysBehindAPut() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, "key", "content");
            assertFails(
                    Kind.PRECONDITION_FAILED, store.put("key", ByteBuffer.allocate(1), PutCondition.IF_ABSENT, CAUSE));
            assertEquals(
                    0,
                    files(directory.resolve("~tmp")).stream()
                            .filter(file -> file.toString().endsWith(".part"))
                            .count());
        }
    }

    @Test
    void emptyDirectoriesGoWithTheirLastObject() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, "a/b/c/1", "x");
            put(store, "a/b/2", "x");
            store.delete(List.of("a/b/c/1"), CAUSE).join();
            assertFalse(Files.exists(directory.resolve("a/b/c")));
            assertTrue(Files.exists(directory.resolve("a/b/2")));
            store.delete(List.of("a/b/2"), CAUSE).join();
            assertFalse(Files.exists(directory.resolve("a")));
            assertTrue(Files.exists(directory));
        }
    }

    @Test
    void putsAndDeletionsRacingForADirectoryLoseNothing() throws Exception {
        try (FileObjectStore store = open()) {
            for (int round = 0; round < 30; round++) {
                List<CompletableFuture<?>> requests = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    requests.add(putting(store, "a/b/c/kept" + round + i, "x"));
                    requests.add(store.delete(List.of("a/b/c/kept" + (round - 1) + i, "a/b/c/d/none"), CAUSE));
                    requests.add(putting(store, "a/b/c/d/" + i, "x"));
                }
                requests.forEach(CompletableFuture::join);
                for (int i = 0; i < 8; i++) {
                    assertEquals(
                            1, store.get("a/b/c/kept" + round + i, CAUSE).join().remaining());
                }
            }
        }
    }

    @Test
    void everyVersionHasItsOwnTagAlsoWhenInodesComeBack() throws Exception {
        try (FileObjectStore store = open()) {
            Set<String> tags = new HashSet<>();
            for (int i = 0; i < 300; i++) {
                assertTrue(tags.add(put(store, "key", "same")), "version " + i);
            }
            String last = store.head("key", CAUSE).join().entityTag();
            assertNotEquals(tags.iterator().next(), "");
            assertTrue(tags.contains(last));
        }
    }

    @Test
    void objectsAboveAndBelowOneAnotherAreRefused() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, "a/b", "x");
            assertFails(Kind.INVALID, putting(store, "a/b/c", "x"));
            assertFails(Kind.INVALID, putting(store, "a", "x"));
            assertFails(Kind.INVALID, store.put("a", ByteBuffer.allocate(1), PutCondition.IF_ABSENT, CAUSE));
            assertFails(Kind.NOT_FOUND, store.get("a/b/c", CAUSE));
            assertFails(Kind.NOT_FOUND, store.head("a/b/c/d", CAUSE));
            store.delete(List.of("a/b/c", "a"), CAUSE).join();
            assertEquals(1, store.get("a/b", CAUSE).join().remaining());
        }
    }

    @Test
    void foreignFilesAreNotListed() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, "key", "x");
            Files.createDirectories(directory.resolve("lost+found"));
            Files.writeString(directory.resolve("what is this?"), "x");
            Files.createDirectories(directory.resolve("empty"));
            var page = store.list("", null, 10, CAUSE).join();
            assertEquals(1, page.objects().size());
            assertEquals("key", page.objects().get(0).key());
        }
    }

    @Test
    void twoStoresOfOneDirectoryExcludeOneAnother() throws Exception {
        try (FileObjectStore first = open();
                FileObjectStore second = open()) {
            for (int round = 0; round < 20; round++) {
                String tag = put(first, "key", "round " + round);
                List<CompletableFuture<String>> puts = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    FileObjectStore store = i % 2 == 0 ? first : second;
                    puts.add(store.putIfMatch("key", ByteBuffer.allocate(1), tag, CAUSE));
                }
                long winners = puts.stream()
                        .filter(put ->
                                put.handle((value, failure) -> failure == null).join())
                        .count();
                assertEquals(1, winners);
            }
        }
    }

    @Test
    void aClosedStoreSaysSo() throws Exception {
        FileObjectStore store = open();
        put(store, "key", "x");
        store.close();
        store.close();
        assertFails(Kind.UNAVAILABLE, store.get("absent", CAUSE));
        threads.shutdown();
        assertFails(Kind.UNAVAILABLE, store.get("key", CAUSE));
    }

    private FileObjectStore open() throws ObjectStoreException {
        return new FileObjectStore(directory, new SeededEntropy(seeds.nextLong()), threads);
    }

    private static String put(FileObjectStore store, String key, String content) {
        return putting(store, key, content).join();
    }

    private static CompletableFuture<String> putting(FileObjectStore store, String key, String content) {
        ByteBuffer body = StandardCharsets.US_ASCII.encode(content);
        return store.put(key, body, PutCondition.ALWAYS, CAUSE);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static void assertFails(Kind kind, CompletableFuture<?> request) {
        CompletionException failure = assertThrows(CompletionException.class, request::join);
        ObjectStoreException found = ObjectStoreException.find(failure);
        assertEquals(kind, found == null ? null : found.kind(), String.valueOf(failure));
    }
}
