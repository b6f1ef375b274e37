package io.sluice.integration.guest;

import io.sluice.integration.Distribution;
import io.sluice.integration.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a guest boots. It is built once, by {@code integration-tests/guest/build-image}, and kept below
 * {@code $XDG_CACHE_HOME/sluice} or the directory that the system property {@code sluice.guest.cache} names.
 *
 * @param kernel unpacked
 * @param initramfs brings the root disk up
 * @param root a file system that all guests share and none writes
 */
record GuestImage(Path kernel, Path initramfs, Path root) {
    /** Downloads about 130 MB and unpacks 500 MB. */
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(20);

    /** Builds it when it is not there; the test fails when that is not possible. */
    static GuestImage built() throws InterruptedException {
        Programs.Outcome outcome = Programs.run(
                        BUILD_LIMIT,
                        Map.of(),
                        scripts().resolve("build-image"),
                        List.of(cacheDirectory().toString()))
                .expect(0);
        Path directory = Path.of(outcome.out().strip());
        return new GuestImage(
                directory.resolve("vmlinux"), directory.resolve("initrd.cpio"), directory.resolve("root.ext4"));
    }

    /** The directory integration-tests/guest. */
    static Path scripts() {
        return Distribution.moduleDirectory().resolve("guest");
    }

    private static Path cacheDirectory() {
        String configured = System.getProperty("sluice.guest.cache", "");
        if (!configured.isEmpty()) {
            return Path.of(configured);
        }
        String caches = System.getenv("XDG_CACHE_HOME");
        return caches == null || caches.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "sluice", "guest")
                : Path.of(caches, "sluice", "guest");
    }
}
