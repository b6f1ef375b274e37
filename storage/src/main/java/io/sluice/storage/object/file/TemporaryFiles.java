package io.sluice.storage.object.file;

import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Names for temporary files, and an end for those that nobody will finish.
 *
 * <pre>
 *   ~tmp/gate              locked while somebody opens or closes
 *   ~tmp/ID.live           locked by the owner for its life
 *   ~tmp/ID.N.part         its temporary files
 * </pre>
 *
 * <p>Invariants: an ID is owned as long as its live file is locked; live files come and go only under the gate; a file
 * is removed as a leftover only under the gate and when its ID has no owner. The owners of this process are remembered
 * in {@link #OWNED}, because opening their live file a second time would end its lock (see {@link KeyLocks}).
 */
final class TemporaryFiles implements AutoCloseable {
    private static final Object IN_PROCESS = new Object();
    private static final Set<Path> OWNED = new HashSet<>();
    private static final String LIVE = ".live";
    private static final String GATE = "gate";
    private static final int CLAIMS_MAX = 100;

    private final Path directory;
    private final String id;
    private final FileChannel live;
    private final AtomicLong count = new AtomicLong();

    private TemporaryFiles(Path directory, String id, FileChannel live) {
        this.directory = directory;
        this.id = id;
        this.live = live;
    }

    /** Removes what dead owners left in {@code directory} and becomes an owner. */
    static TemporaryFiles claim(Path directory, Entropy entropy) throws IOException {
        Path real = directory.toRealPath();
        synchronized (IN_PROCESS) {
            try (FileChannel gate = openLocked(real.resolve(GATE), StandardOpenOption.CREATE)) {
                removeLeftovers(real);
                TemporaryFiles claimed = claimFresh(real, entropy);
                gate.force(false);
                return claimed;
            }
        }
    }

    /** A name that nobody else uses. */
    Path next() {
        return directory.resolve(id + "." + count.incrementAndGet() + ".part");
    }

    /** Never opened again, nor its times set: closing it would end the lock. */
    private Path liveFile() {
        return directory.resolve(id + LIVE);
    }

    /** True as long as the directory is the one that was claimed. */
    boolean stillThere() {
        return Files.exists(liveFile());
    }

    @Override
    public void close() throws IOException {
        synchronized (IN_PROCESS) {
            if (!live.isOpen()) {
                return;
            }
            OWNED.remove(liveFile());
            live.close();
            Files.deleteIfExists(liveFile());
        }
    }

    private static TemporaryFiles claimFresh(Path directory, Entropy entropy) throws IOException {
        for (int i = 0; ; i++) {
            String id = Long.toHexString(entropy.nextLong());
            Path file = directory.resolve(id + LIVE);
            try {
                FileChannel live = openLocked(file, StandardOpenOption.CREATE_NEW);
                OWNED.add(file);
                return new TemporaryFiles(directory, id, live);
            } catch (FileAlreadyExistsException taken) {
                if (i == CLAIMS_MAX) {
                    throw taken;
                }
            }
        }
    }

    private static void removeLeftovers(Path directory) throws IOException {
        Set<String> owned = new HashSet<>();
        List<Path> others = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (isOwned(file)) {
                    owned.add(idOf(file));
                } else if (!file.endsWith(GATE)) {
                    others.add(file);
                }
            }
        }
        for (Path file : others) {
            if (!owned.contains(idOf(file))) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static boolean isOwned(Path file) throws IOException {
        if (!file.toString().endsWith(LIVE)) {
            return false;
        }
        if (OWNED.contains(file)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        }
    }

    private static String idOf(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /** The lock ends with the channel. */
    private static FileChannel openLocked(Path file, StandardOpenOption create) throws IOException {
        FileChannel channel = FileChannel.open(file, create, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.lock();
            if (!lock.isValid()) {
                throw new IOException("cannot lock " + file);
            }
            return channel;
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }
}
