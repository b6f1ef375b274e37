package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of small volumes for simulation; each method gives a copy with one thing changed. */
record SimulatedSettings(VolumeSettings settings) {
    static final String PASSPHRASE = "a passphrase";

    /** Not encrypted, durability local, everything small and quick. */
    static SimulatedSettings plain() {
        return new SimulatedSettings(new VolumeSettings(
                "sim",
                Path.of("cache"),
                new StoreSettings.File(Path.of("bucket")),
                Optional.empty(),
                1,
                VolumeSettings.Durability.LOCAL,
                new VolumeSettings.Journal(ByteSize.ofKiB(1024), ByteSize.ofKiB(128), Duration.ofSeconds(20)),
                new VolumeSettings.Flush(
                        Duration.ofSeconds(2), ByteSize.ofMiB(64), ByteSize.ofKiB(64), 3, Duration.ofSeconds(60)),
                new VolumeSettings.ReadCache(ByteSize.ofKiB(1024), ByteSize.ofKiB(256)),
                new VolumeSettings.Index(ByteSize.ofMiB(1)),
                new VolumeSettings.Checkpoint(Duration.ofSeconds(10), 5)));
    }

    /** A passphrase that is known. */
    record FixedSecret(String text) implements SecretSource {
        @Override
        public Secret read() {
            return Secret.ofText(text);
        }

        @Override
        public String describe() {
            return "test";
        }
    }

    private SimulatedSettings with(
            String name, Optional<SecretSource> encryption, VolumeSettings.Durability durability) {
        return new SimulatedSettings(new VolumeSettings(
                name,
                settings.cacheDirectory(),
                settings.store(),
                encryption,
                settings.compressionLevel(),
                durability,
                settings.journal(),
                settings.flush(),
                settings.readCache(),
                settings.index(),
                settings.checkpoint()));
    }

    private SimulatedSettings with(
            VolumeSettings.Flush flush,
            VolumeSettings.ReadCache readCache,
            VolumeSettings.Index index,
            VolumeSettings.Checkpoint checkpoint) {
        return new SimulatedSettings(new VolumeSettings(
                settings.name(),
                settings.cacheDirectory(),
                settings.store(),
                settings.encryption(),
                settings.compressionLevel(),
                settings.durability(),
                settings.journal(),
                flush,
                readCache,
                index,
                checkpoint));
    }

    SimulatedSettings named(String name) {
        return with(name, settings.encryption(), settings.durability());
    }

    SimulatedSettings encrypted(String passphrase) {
        return with(settings.name(), Optional.of(new FixedSecret(passphrase)), settings.durability());
    }

    SimulatedSettings durability(VolumeSettings.Durability durability) {
        return with(settings.name(), settings.encryption(), durability);
    }

    SimulatedSettings segmentSize(ByteSize size) {
        VolumeSettings.Flush old = settings.flush();
        return with(
                new VolumeSettings.Flush(old.maxAge(), old.maxBytes(), size, old.uploads(), old.drainTimeout()),
                settings.readCache(),
                settings.index(),
                settings.checkpoint());
    }

    SimulatedSettings maxAge(Duration age) {
        VolumeSettings.Flush old = settings.flush();
        return with(
                new VolumeSettings.Flush(age, old.maxBytes(), old.segmentSize(), old.uploads(), old.drainTimeout()),
                settings.readCache(),
                settings.index(),
                settings.checkpoint());
    }

    SimulatedSettings readCache(ByteSize capacity, ByteSize readAhead) {
        return with(
                settings.flush(),
                new VolumeSettings.ReadCache(capacity, readAhead),
                settings.index(),
                settings.checkpoint());
    }

    SimulatedSettings indexMemory(ByteSize memory) {
        return with(settings.flush(), settings.readCache(), new VolumeSettings.Index(memory), settings.checkpoint());
    }

    SimulatedSettings checkpoint(Duration interval, int segments) {
        return with(
                settings.flush(),
                settings.readCache(),
                settings.index(),
                new VolumeSettings.Checkpoint(interval, segments));
    }
}
