package io.sluice.storage.journal;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.runtime.EngineRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What tests of the journal have in common: settings, keys, block contents. */
final class JournalRig {
    static final UUID VOLUME = new UUID(0x1111_2222_3333_4444L, 0x8555_6666_7777_8888L);

    private JournalRig() {}

    static VolumeSettings.Journal settings(int files, int fileUnits) {
        return new VolumeSettings.Journal(
                ByteSize.ofKiB(4L * files * fileUnits), ByteSize.ofKiB(4L * fileUnits), Duration.ofSeconds(1));
    }

    /** Keys that need nothing but SHA-256. */
    static KeyDerivation keys(String secret) {
        return (purpose, salt, length) -> {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update((secret + "/" + purpose + "/").getBytes(StandardCharsets.UTF_8));
                digest.update(salt);
                return Arrays.copyOf(digest.digest(), length);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    static LocalJournal open(
            LocalDisk disk,
            long epoch,
            @Nullable KeyDerivation keys,
            VolumeSettings.Journal settings,
            EngineRuntime runtime)
            throws IOException {
        RecoveredLog recovered = JournalRecovery.scan(disk, VOLUME, keys, 0);
        return LocalJournal.open(disk, VOLUME, epoch, keys, settings, runtime, recovered);
    }

    /** A block whose every word says which write it belongs to. */
    static ByteBuffer block(long lba, long version) {
        ByteBuffer block = ByteBuffer.allocate(4096);
        while (block.hasRemaining()) {
            block.putLong(lba * 1_000_003 + version * 7919 + block.position());
        }
        return block.flip();
    }

    /** A disk of its own with the same files. */
    static SimulatedDisk copy(LocalDisk disk) throws IOException {
        SimulatedDisk copy = SimulatedDisk.create();
        for (String name : disk.list()) {
            try (DiskFile file = copy.create(name)) {
                file.write(ByteBuffer.wrap(content(disk, name)), 0);
                file.sync();
            }
        }
        copy.syncDirectory();
        return copy;
    }

    static byte[] content(LocalDisk disk, String name) throws IOException {
        try (DiskFile file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return bytes.array();
        }
    }
}
