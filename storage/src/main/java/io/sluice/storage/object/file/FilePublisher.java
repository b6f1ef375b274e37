package io.sluice.storage.object.file;

import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes and removes objects. The order of every put, which is the promise of the store: write, stamp, sync the file;
 * then, under the key's lock, check the condition and give the name; then sync the directories; then answer.
 *
 * <p>Blocking; failures are plain {@link IOException}s, or {@link ObjectStoreException}s where the kind is known here.
 */
final class FilePublisher {
    /** How often a directory may be tidied away between its making and its use. */
    private static final int PUBLISH_ATTEMPTS_MAX = 100;

    private final Path root;
    private final TemporaryFiles temporaries;
    private final KeyLocks locks;
    private final Entropy entropy;
    private final Syncer syncer;
    private final Directories directories;
    private final boolean exactTags;

    /** What must hold of the object that is there (null: none) for a change to be made. */
    private interface Rule {
        void check(EntityTags.@Nullable Stamp current) throws ObjectStoreException;
    }

    FilePublisher(
            Path root, TemporaryFiles temporaries, KeyLocks locks, Entropy entropy, Syncer syncer, boolean exactTags) {
        this.root = root;
        this.temporaries = temporaries;
        this.locks = locks;
        this.entropy = entropy;
        this.syncer = syncer;
        this.directories = new Directories(root, syncer, locks);
        this.exactTags = exactTags;
    }

    String put(String key, ByteBuffer body, PutCondition condition) throws IOException {
        boolean ifAbsent = condition == PutCondition.IF_ABSENT;
        return put(key, body, ifAbsent, current -> {
            if (ifAbsent && current != null) {
                throw conflict("'" + key + "' exists already");
            }
        });
    }

    String putIfMatch(String key, ByteBuffer body, String entityTag) throws IOException {
        if (!exactTags) {
            throw new ObjectStoreException(
                    Kind.INVALID, "the file system of " + root + " keeps no exact times: no put-if-match there", null);
        }
        return put(key, body, false, current -> {
            if (current == null || !current.tag().equals(entityTag)) {
                throw conflict("'" + key + "' is " + (current == null ? "absent" : current.tag()));
            }
        });
    }

    /** The object of that key; null when there is none. */
    EntityTags.@Nullable Stamp find(String key) throws IOException {
        try {
            EntityTags.Stamp stamp = EntityTags.read(root.resolve(key));
            return stamp.regular() ? stamp : null;
        } catch (NoSuchFileException absent) {
            return null;
        } catch (FileSystemException failure) {
            if (standsBelowAnObject(key)) {
                return null;
            }
            throw failure;
        }
    }

    void delete(List<String> keys) throws IOException {
        // Also where nothing was: an earlier attempt may have removed it and failed to make that durable.
        Set<Path> touched = new LinkedHashSet<>();
        for (String key : keys) {
            Path target = root.resolve(key);
            boolean unused = locks.whileLocked(key, () -> find(key) != null && Files.deleteIfExists(target));
            touched.add(parent(target));
        }
        for (Path directory : touched) {
            directories.removeEmpty(directory);
            directories.syncUpTo(directory);
        }
    }

    private String put(String key, ByteBuffer body, boolean ifAbsent, Rule rule) throws IOException {
        Path target = root.resolve(key);
        Path temporary = temporaries.next();
        try {
            write(temporary, body);
            String tag = EntityTags.read(temporary).tag();
            locks.whileLocked(key, () -> {
                rule.check(find(key));
                publish(temporary, target, ifAbsent);
                return tag;
            });
            directories.syncUpTo(parent(target));
            return tag;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void write(Path temporary, ByteBuffer body) throws IOException {
        ByteBuffer source = body.duplicate();
        try (FileChannel channel =
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (source.hasRemaining()) {
                int written = channel.write(source);
                if (written < 0) {
                    throw new IOException("cannot write " + temporary);
                }
            }
            EntityTags.stamp(temporary, entropy);
            syncer.syncFile(temporary, channel);
        }
    }

    private void publish(Path temporary, Path target, boolean ifAbsent) throws IOException {
        for (int attempt = 1; ; attempt++) {
            makeDirectories(parent(target));
            try {
                name(temporary, target, ifAbsent);
                return;
            } catch (NoSuchFileException tidiedAway) {
                if (attempt == PUBLISH_ATTEMPTS_MAX || !Files.exists(temporary)) {
                    throw tidiedAway;
                }
            }
        }
    }

    private static void name(Path temporary, Path target, boolean ifAbsent) throws IOException {
        if (Files.isDirectory(target)) {
            throw new ObjectStoreException(Kind.INVALID, "there are objects below '" + target + "'", null);
        }
        if (ifAbsent && linked(temporary, target)) {
            return;
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** False when the file system has no hard links: the key's lock alone then keeps others away. */
    private static boolean linked(Path temporary, Path target) throws IOException {
        try {
            Files.createLink(target, temporary);
            return true;
        } catch (FileAlreadyExistsException exists) {
            throw conflict("'" + target + "' exists already");
        } catch (NoSuchFileException tidiedAway) {
            throw tidiedAway;
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            return false;
        }
    }

    private void makeDirectories(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (FileAlreadyExistsException notDirectory) {
            throw new ObjectStoreException(
                    Kind.INVALID,
                    "'" + notDirectory.getFile() + "' is an object: none can stand below it",
                    notDirectory);
        }
    }

    private boolean standsBelowAnObject(String key) {
        Path current = root;
        for (Path part : root.getFileSystem().getPath(key)) {
            if (Files.isRegularFile(current)) {
                return true;
            }
            current = current.resolve(part);
        }
        return false;
    }

    private Path parent(Path target) {
        Path parent = target.getParent();
        return parent == null ? root : parent;
    }

    private static ObjectStoreException conflict(String message) {
        return new ObjectStoreException(Kind.PRECONDITION_FAILED, message, null);
    }
}
