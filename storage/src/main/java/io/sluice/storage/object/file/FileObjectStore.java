package io.sluice.storage.object.file;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectKeys;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects as files in a directory: key {@code a/b} is the file {@code a/b}, so that the directory can be copied to a
 * bucket and back with any tool. Names with {@code ~}, which no key has, are the store's own:
 *
 * <pre>
 *   ~tmp/     objects being written ({@link TemporaryFiles})
 *   ~lock/    locks among processes ({@link KeyLocks})
 * </pre>
 *
 * <p>A put writes a temporary file, syncs it, gives it its name in one step (rename, or a hard link when the key must
 * not exist) and syncs the directories: a crash leaves the old object, or the new one, whole. When the directory is
 * gone while the store is open (unmounted), everything fails with {@code UNAVAILABLE}: that says nothing about objects.
 *
 * <p>Thread-safe; every operation runs as one task of the given executor.
 */
public final class FileObjectStore implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileObjectStore.class);

    private final Path root;
    private final Executor blocking;
    private final TemporaryFiles temporaries;
    private final FilePublisher publisher;

    /**
     * Opens the store in {@code directory}, which must exist. Removes what dead processes left half-written.
     *
     * @param entropy for names and versions of files
     * @param blocking runs tasks that block on the disk
     */
    public FileObjectStore(Path directory, Entropy entropy, Executor blocking) throws ObjectStoreException {
        this(directory, entropy, blocking, Syncer.real());
    }

    /** The same with a {@code syncer} that may watch or fail. */
    FileObjectStore(Path directory, Entropy entropy, Executor blocking, Syncer syncer) throws ObjectStoreException {
        this.root = directory.toAbsolutePath().normalize();
        this.blocking = blocking;
        if (!Files.isDirectory(root)) {
            throw new ObjectStoreException(
                    Kind.NOT_FOUND,
                    "bucket directory " + root + " is missing: create it, or mount what it is on",
                    null);
        }
        TemporaryFiles claimed = null;
        try {
            claimed = TemporaryFiles.claim(Files.createDirectories(root.resolve("~tmp")), entropy);
            KeyLocks locks = new KeyLocks(Files.createDirectories(root.resolve("~lock")));
            boolean exactTags = EntityTags.keepsNanoseconds(claimed);
            this.temporaries = claimed;
            this.publisher = new FilePublisher(root, claimed, locks, entropy, syncer, exactTags);
        } catch (IOException failure) {
            closeQuietly(claimed, failure);
            throw FileErrors.translate("opening the bucket directory " + root, failure);
        }
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return run("get '" + key + "'", () -> {
            ObjectKeys.requireKey(key);
            try (FileChannel channel = openObject(key)) {
                return read(channel, key, 0, channel.size());
            }
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return run("get " + length + " bytes at " + offset + " of '" + key + "'", () -> {
            ObjectKeys.requireRange(key, offset, length);
            try (FileChannel channel = openObject(key)) {
                if (offset + length > channel.size()) {
                    throw failure(Kind.INVALID, "'" + key + "' has only " + channel.size() + " bytes");
                }
                return read(channel, key, offset, length);
            }
        });
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return run("put '" + key + "'", () -> {
            ObjectKeys.requireKey(key);
            return publisher.put(key, body, condition);
        });
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return run("put '" + key + "' if it is " + entityTag, () -> {
            ObjectKeys.requireKey(key);
            return publisher.putIfMatch(key, body, entityTag);
        });
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return run("head '" + key + "'", () -> {
            ObjectKeys.requireKey(key);
            EntityTags.Stamp stamp = publisher.find(key);
            if (stamp == null) {
                throw absent(key);
            }
            return new ObjectHead(key, stamp.sizeBytes(), stamp.tag());
        });
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return run("list '" + prefix + "'", () -> {
            ObjectKeys.requireListing(prefix, startAfter, limit);
            ObjectPage page = new FileListing(root, prefix, startAfter, limit).run();
            requireBucket();
            return page;
        });
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        List<String> all = List.copyOf(keys);
        return run("delete " + all.size() + " objects", () -> {
                    for (String key : all) {
                        ObjectKeys.requireKey(key);
                    }
                    requireBucket();
                    publisher.delete(all);
                    return all;
                })
                .thenAccept(deleted -> {});
    }

    @Override
    public String describe() {
        return "file:" + root;
    }

    @Override
    public void close() {
        try {
            temporaries.close();
        } catch (IOException failure) {
            LOG.warn("{}: temporary files not tidied up: {}", describe(), failure.toString());
        }
    }

    private FileChannel openObject(String key) throws IOException {
        if (publisher.find(key) == null) {
            throw absent(key);
        }
        try {
            return FileChannel.open(root.resolve(key), StandardOpenOption.READ);
        } catch (NoSuchFileException deletedMeanwhile) {
            throw absent(key);
        }
    }

    private ByteBuffer read(FileChannel channel, String key, long offset, long length) throws IOException {
        if (length > Integer.MAX_VALUE - 8) {
            throw failure(Kind.INVALID, "'" + key + "' is too large to be read at once: " + length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw failure(Kind.UNAVAILABLE, "'" + key + "' ended after " + buffer.position() + " bytes");
            }
        }
        return buffer.flip().asReadOnlyBuffer();
    }

    /** An object that is not there; but only a bucket that is there can say so. */
    private ObjectStoreException absent(String key) throws ObjectStoreException {
        requireBucket();
        return failure(Kind.NOT_FOUND, "no object '" + key + "'");
    }

    private void requireBucket() throws ObjectStoreException {
        if (!temporaries.stillThere()) {
            throw failure(Kind.UNAVAILABLE, "the bucket directory is gone or was replaced, or the store is closed");
        }
    }

    private ObjectStoreException failure(Kind kind, String message) {
        return new ObjectStoreException(kind, message + " in " + describe(), null);
    }

    private <T> CompletableFuture<T> run(String what, KeyLocks.Change<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            blocking.execute(() -> {
                try {
                    result.complete(task.make());
                } catch (IOException failure) {
                    result.completeExceptionally(FileErrors.translate(what + " in " + describe(), failure));
                } catch (RuntimeException broken) {
                    result.completeExceptionally(broken);
                }
            });
        } catch (RejectedExecutionException closed) {
            result.completeExceptionally(
                    new ObjectStoreException(Kind.UNAVAILABLE, what + ": " + describe() + " is closing", closed));
        }
        return result;
    }

    private static void closeQuietly(@Nullable TemporaryFiles claimed, IOException failure) {
        if (claimed == null) {
            return;
        }
        try {
            claimed.close();
        } catch (IOException second) {
            failure.addSuppressed(second);
        }
    }
}
