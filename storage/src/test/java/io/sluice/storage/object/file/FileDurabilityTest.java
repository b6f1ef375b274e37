package io.sluice.storage.object.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.SeededEntropy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order of writing, syncing and naming, and what a writer killed in between leaves. */
final class FileDurabilityTest {
    private static final RequestCause CAUSE = RequestCause.FLUSH;

    @TempDir
    Path directory = Path.of("");

    private final WatchingSyncer syncer = new WatchingSyncer();

    /** Writes down what is true in the moment of each sync, and fails on demand. */
    private final class WatchingSyncer implements Syncer {
        private final List<String> events = new ArrayList<>();
        private boolean failFiles;
        private boolean failDirectories;

        @Override
        public void syncFile(Path file, FileChannel channel) throws IOException {
            if (failFiles) {
                throw new IOException("Input/output error (injected)");
            }
            events.add("file of " + channel.size() + " bytes, " + named());
        }

        @Override
        public void syncDirectory(Path synced) throws IOException {
            if (!Files.exists(synced)) {
                throw new NoSuchFileException(synced.toString());
            }
            if (failDirectories) {
                throw new IOException("Input/output error (injected)");
            }
            events.add("directory '" + directory.relativize(synced) + "', " + named());
        }

        private String named() {
            return Files.exists(directory.resolve("a/b/key")) ? "named" : "not named";
        }
    }

    @BeforeEach
    void real() throws IOException {
        directory = directory.toRealPath();
    }

    @Test
    void aPutSyncsTheContentBeforeItHasItsNameAndTheNameBeforeItAnswers() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, 3, PutCondition.IF_ABSENT).join();
            assertEquals(
                    List.of(
                            "file of 3 bytes, not named",
                            "directory 'a/b', named",
                            "directory 'a', named",
                            "directory '', named"),
                    syncer.events);
        }
    }

    @Test
    void aDeletionSyncsWhatIsLeftBeforeItAnswers() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, 3, PutCondition.ALWAYS).join();
            syncer.events.clear();
            store.delete(List.of("a/b/key"), CAUSE).join();
            assertEquals(List.of("directory '', not named"), syncer.events);
        }
    }

    @Test
    void whatCouldNotBeSyncedIsNotPublished() throws Exception {
        try (FileObjectStore store = open()) {
            put(store, 3, PutCondition.ALWAYS).join();
            syncer.failFiles = true;
            assertUnavailable(put(store, 4, PutCondition.ALWAYS));
            assertEquals(3, store.get("a/b/key", CAUSE).join().remaining());
        }
    }

    @Test
    void aNameThatCouldNotBeSyncedIsNotAcknowledged() throws Exception {
        try (FileObjectStore store = open()) {
            syncer.failDirectories = true;
            assertUnavailable(put(store, 3, PutCondition.ALWAYS));
            assertUnavailable(store.delete(List.of("a/b/key"), CAUSE));
            syncer.failDirectories = false;
            syncer.events.clear();
            store.delete(List.of("a/b/key"), CAUSE).join();
            assertEquals(List.of("directory '', not named"), syncer.events, "the second attempt makes it durable");
        }
    }

    @Test
    void anotherProcessThatOpensTheSameBucketLeavesThisOneAlone() throws Exception {
        try (FileObjectStore store = open()) {
            Process other = KilledWriter.start(directory);
            other.destroyForcibly().waitFor();
            // Fails with "gone or was replaced" when the other process took our live file for a leftover.
            assertFalse(store.list("", null, 1000, CAUSE).join().objects().isEmpty());
        }
    }

    @Test
    void aKilledWriterLeavesWholeObjectsOnly() throws Exception {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        for (int round = 0; round < 3; round++) {
            Process writer = KilledWriter.start(directory);
            Thread.sleep(random.nextInt(150));
            writer.destroyForcibly().waitFor();
            try (FileObjectStore store = open()) {
                for (ObjectHead head : store.list("", null, 1000, CAUSE).join().objects()) {
                    ByteBuffer body = store.get(head.key(), CAUSE).join();
                    assertEquals(KilledWriter.BODY_BYTES, body.remaining(), head.key() + ", seed " + seed);
                    byte[] uniform = KilledWriter.body(body.get(0));
                    assertEquals(ByteBuffer.wrap(uniform), body, head.key() + ", seed " + seed);
                }
                try (Stream<Path> left = Files.list(directory.resolve("~tmp"))) {
                    assertFalse(left.anyMatch(file -> file.toString().endsWith(".part")), "seed " + seed);
                }
            }
        }
    }

    private FileObjectStore open() throws ObjectStoreException {
        return new FileObjectStore(directory, new SeededEntropy(System.nanoTime()), Runnable::run, syncer);
    }

    private static CompletableFuture<String> put(FileObjectStore store, int length, PutCondition condition) {
        return store.put("a/b/key", ByteBuffer.allocate(length), condition, CAUSE);
    }

    private static void assertUnavailable(CompletableFuture<?> request) {
        CompletionException failure = assertThrows(CompletionException.class, request::join);
        ObjectStoreException found = ObjectStoreException.find(failure);
        assertTrue(found != null && found.kind() == Kind.UNAVAILABLE, String.valueOf(failure));
    }
}
