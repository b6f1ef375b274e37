package io.sluice.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of a few MiB, mounted for a test: needs the superuser, and fails without. Unmounted when closed. */
final class SmallFileSystem implements AutoCloseable {
    private static final int PIECE_BYTES = 64 << 10;

    private final Path mountPoint;

    private SmallFileSystem(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** Mounts it on a directory, which is made. */
    static SmallFileSystem mount(Path mountPoint, int mebibytes) throws IOException, InterruptedException {
        Files.createDirectories(mountPoint);
        Programs.run(Programs.SHORT, "mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "none", "" + mountPoint)
                .expect(0);
        return new SmallFileSystem(mountPoint);
    }

    Path directory() {
        return mountPoint;
    }

    /** Writes a file until not even a byte more finds room; the file. */
    Path fill() throws IOException {
        Path ballast = mountPoint.resolve("ballast");
        try (var out = Files.newOutputStream(ballast)) {
            byte[] piece = new byte[PIECE_BYTES];
            while (mountPoint.toFile().getUsableSpace() > 0) {
                out.write(piece, 0, (int)
                        Math.min(piece.length, mountPoint.toFile().getUsableSpace()));
            }
        }
        return ballast;
    }

    @Override
    public void close() throws IOException {
        try {
            Programs.run(Programs.SHORT, "umount", "--lazy", mountPoint.toString())
                    .expect(0);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted, " + mountPoint + " stays mounted", interrupted);
        }
        Files.deleteIfExists(mountPoint);
    }
}
