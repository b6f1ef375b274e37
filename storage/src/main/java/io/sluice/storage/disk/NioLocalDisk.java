package io.sluice.storage.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory of the real file system. */
public final class NioLocalDisk implements LocalDisk {
    private final Path directory;
    private final @Nullable DirectoryLock lock;

    private NioLocalDisk(Path directory, @Nullable DirectoryLock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Creates {@code directory} when absent and takes it for this process.
     *
     * @throws IOException naming the directory, when it cannot be created or written or somebody else uses it
     */
    public static LocalDisk open(Path directory) throws IOException {
        createDirectory(directory);
        return new NioLocalDisk(directory, DirectoryLock.acquire(directory));
    }

    private static void createDirectory(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw unusable(directory, "created", e);
        }
    }

    /** What is wrong with a directory, for the operator. */
    static IOException unusable(Path directory, String what, IOException failure) {
        String reason = reason(failure);
        if (failure instanceof FileAlreadyExistsException || failure instanceof NotDirectoryException) {
            reason = "a file stands in its way";
        } else if (failure instanceof AccessDeniedException) {
            reason = "the server's user may not write there";
        } else if (failure instanceof NoSuchFileException) {
            reason = "the file system there takes none";
        } else if (reason.isEmpty()) {
            reason = failure.toString();
        }
        String message = "the directory " + directory + " cannot be " + what + ": " + reason;
        return isFull(failure) ? new DiskFullException(message, failure) : new IOException(message, failure);
    }

    @Override
    public DiskFile create(String name) throws IOException {
        Path path = resolve(name);
        try {
            return new NioDiskFile(
                    name,
                    path,
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw explain("create " + path, e);
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        Path path = resolve(name);
        return new NioDiskFile(name, path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public boolean exists(String name) {
        return Files.isRegularFile(resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .map(path -> path.toFile().getName())
                    .filter(name -> !name.equals(DirectoryLock.FILE_NAME))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(resolve(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw explain("rename " + resolve(from), e);
        }
    }

    @Override
    public void move(String name, LocalDisk subdirectory) throws IOException {
        if (!(subdirectory instanceof NioLocalDisk target) || !directory.equals(target.directory.getParent())) {
            throw new IllegalArgumentException(subdirectory.describe() + " is not a subdirectory of " + directory);
        }
        try {
            Files.move(resolve(name), target.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw explain("move " + resolve(name), e);
        }
    }

    @Override
    public void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    @Override
    public LocalDisk directory(String name) throws IOException {
        Path path = resolve(name);
        if (!Files.isDirectory(path)) {
            createDirectory(path);
            syncDirectory();
        }
        return new NioLocalDisk(path, null);
    }

    @Override
    public String describe() {
        return directory.toString();
    }

    /** Gives the directory back; a subdirectory has nothing to give. */
    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
        }
    }

    private Path resolve(String name) {
        if (name.isEmpty() || name.startsWith(".") || name.indexOf('/') >= 0 || name.equals(DirectoryLock.FILE_NAME)) {
            throw new IllegalArgumentException("not a plain file name: " + name);
        }
        return directory.resolve(name);
    }

    /** The same failure as one of the kinds that callers tell apart. */
    static IOException explain(String what, IOException failure) {
        if (isFull(failure)) {
            return new DiskFullException("no space left to " + what, failure);
        }
        return failure;
    }

    private static boolean isFull(IOException failure) {
        String reason = reason(failure).toLowerCase(Locale.ROOT);
        return reason.contains("no space left") || reason.contains("quota exceeded");
    }

    private static String reason(IOException failure) {
        String reason = failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
        return reason == null ? "" : reason;
    }
}
