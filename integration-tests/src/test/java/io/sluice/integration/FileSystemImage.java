package io.sluice.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An ext4 file system in a file, filled with files of this machine. */
public final class FileSystemImage {
    private static final Logger log = LoggerFactory.getLogger(FileSystemImage.class);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final long IMAGE_BYTES = 1280L << 20;
    private static final long CONTENT_BYTES_MAX = 1000L << 20;
    private static final long CONTENT_BYTES_MIN = 256L << 20;
    private static final long FILE_BYTES_MAX = 64L << 20;
    private static final int FILES_OF_TREE_MAX = 8_000;

    private final Path file;
    private final List<byte[]> snippets;

    private FileSystemImage(Path file, List<byte[]> snippets) {
        this.file = file;
        this.snippets = snippets;
    }

    /** Copies files of the machine together, makes an image of 1.25 GiB of them below {@code directory}. */
    public static FileSystemImage make(Path directory) throws IOException, InterruptedException {
        Path content = Files.createDirectories(directory.resolve("content"));
        Collector collector = new Collector(content);
        for (Path tree : List.of(
                Path.of(System.getProperty("java.home")),
                Path.of("/usr/share"),
                Path.of("/usr/lib"),
                Path.of("/usr"))) {
            collector.collect(tree);
        }
        if (collector.bytes < CONTENT_BYTES_MIN) {
            throw new AssertionError("this machine has too few files to fill an image: " + collector.bytes + " bytes");
        }
        Path image = directory.resolve("image.raw");
        Programs.Outcome made = Programs.run(
                        LIMIT, "mkfs.ext4", "-q", "-d", content.toString(), image.toString(), (IMAGE_BYTES >> 10) + "k")
                .expect(0);
        log.info(
                "image: {} files of {} MiB in {} MiB, made in {} ms",
                collector.count,
                collector.bytes >> 20,
                IMAGE_BYTES >> 20,
                made.took().toMillis());
        checkIsClean(image);
        return new FileSystemImage(image, List.copyOf(collector.snippets));
    }

    /** The image. */
    public Path file() {
        return file;
    }

    /** Its size. */
    public long bytes() {
        return IMAGE_BYTES;
    }

    /** Pieces of text, each of which stands in the image as it is. */
    public List<byte[]> snippets() {
        return snippets;
    }

    /** Fails the test when e2fsck finds anything to mend. */
    public static void checkIsClean(Path image) throws InterruptedException {
        Programs.run(LIMIT, "e2fsck", "-fn", image.toString()).expect(0);
    }

    /** Copies regular files, each once, up to a number from each tree and an amount of all. */
    private static final class Collector extends SimpleFileVisitor<Path> {
        private final Path content;
        private final List<byte[]> snippets = new ArrayList<>();
        private Path tree = Path.of("/");
        private long bytes;
        private int count;
        private int countOfTree;

        Collector(Path content) {
            this.content = content;
        }

        void collect(Path from) {
            try {
                tree = from.toRealPath();
                countOfTree = 0;
                Files.walkFileTree(tree, this);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (bytes >= CONTENT_BYTES_MAX || countOfTree >= FILES_OF_TREE_MAX) {
                return FileVisitResult.TERMINATE;
            }
            Path copy = content.resolve(tree.getRoot().relativize(file));
            if (attributes.isRegularFile()
                    && attributes.size() <= FILE_BYTES_MAX
                    && Files.isReadable(file)
                    && !Files.exists(copy)) {
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
                bytes += attributes.size();
                count++;
                countOfTree++;
                PlainText.snippetOf(copy).ifPresent(snippets::add);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
            return FileVisitResult.CONTINUE;
        }
    }
}
