package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.cache.ReadCache.Origin;
import io.sluice.storage.crypto.CounterLayout;
import io.sluice.storage.crypto.LocalCiphers;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.NioLocalDisk;
import io.sluice.storage.runtime.SystemRuntime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the production disk, lanes and ciphers. */
final class DiskReadCacheOnRealDiskTest {
    @TempDir
    private Path directory = Path.of("");

    private DiskReadCache open(LocalDisk disk, SystemRuntime runtime) {
        return DiskReadCache.open(
                disk,
                CacheFixture.VOLUME,
                CacheFixture.capacityOf(64),
                salt -> LocalCiphers.create(
                        (purpose, s, length) -> Arrays.copyOf(s, length), "read-cache", salt, CounterLayout.RUNNING),
                runtime);
    }

    @Test
    void isWarmAfterARestartAndKeepsNoPlainText() throws IOException {
        try (LocalDisk disk = NioLocalDisk.open(directory);
                SystemRuntime runtime = new SystemRuntime(1)) {
            try (DiskReadCache cache = open(disk, runtime)) {
                for (int frame = 0; frame < 40; frame++) {
                    long key = CacheFixture.key(1, frame);
                    cache.insert(key, CacheFixture.content(key), Origin.FLUSHED);
                    assertTrue(CacheFixture.readAndVerify(cache, key, 5, 10, 2000));
                }
            }
            assertNotPlain();
            try (DiskReadCache cache = open(disk, runtime)) {
                for (int frame = 0; frame < 40; frame++) {
                    assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, frame), 31, 1, 4095));
                }
            }
        }
    }

    private void assertNotPlain() throws IOException {
        String file = Files.readString(directory.resolve(CacheFormat.SLOTS_NAME), StandardCharsets.ISO_8859_1);
        byte[] block = new byte[64];
        CacheFixture.content(CacheFixture.key(1, 7)).get(block);
        assertFalse(file.contains(new String(block, StandardCharsets.ISO_8859_1)));
    }
}
