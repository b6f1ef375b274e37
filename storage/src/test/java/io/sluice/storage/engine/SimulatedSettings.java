package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

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
                new VolumeSettings.Checkpoint(Duration.ofSeconds(10), 5),
                new VolumeSettings.Collector(1.3, ByteSize.ofMiB(32), 100, Duration.ofMillis(200)),
                VolumeSettings.Fencing.CONDITIONAL_PUT,
                VolumeSettings.Takeover.AUTOMATIC,
                Duration.ofSeconds(20)));
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

    /** Everything that can be changed, in the order of the settings. */
    private static final class Copy {
        private String name;
        private Optional<SecretSource> encryption;
        private int compressionLevel;
        private VolumeSettings.Durability durability;
        private VolumeSettings.Journal journal;
        private VolumeSettings.Flush flush;
        private VolumeSettings.ReadCache readCache;
        private VolumeSettings.Index index;
        private VolumeSettings.Checkpoint checkpoint;
        private VolumeSettings.Collector collector;
        private VolumeSettings.Fencing fencing;
        private VolumeSettings.Takeover takeover;
        private Duration readWait;

        Copy(VolumeSettings from) {
            name = from.name();
            encryption = from.encryption();
            compressionLevel = from.compressionLevel();
            durability = from.durability();
            journal = from.journal();
            flush = from.flush();
            readCache = from.readCache();
            index = from.index();
            checkpoint = from.checkpoint();
            collector = from.collector();
            fencing = from.fencing();
            takeover = from.takeover();
            readWait = from.readWait();
        }
    }

    private SimulatedSettings with(Consumer<Copy> change) {
        Copy copy = new Copy(settings);
        change.accept(copy);
        return new SimulatedSettings(new VolumeSettings(
                copy.name,
                settings.cacheDirectory(),
                settings.store(),
                copy.encryption,
                copy.compressionLevel,
                copy.durability,
                copy.journal,
                copy.flush,
                copy.readCache,
                copy.index,
                copy.checkpoint,
                copy.collector,
                copy.fencing,
                copy.takeover,
                copy.readWait));
    }

    SimulatedSettings named(String name) {
        return with(copy -> copy.name = name);
    }

    SimulatedSettings encrypted(String passphrase) {
        return with(copy -> copy.encryption = Optional.of(new FixedSecret(passphrase)));
    }

    /** 0: none. */
    SimulatedSettings compression(int level) {
        return with(copy -> copy.compressionLevel = level);
    }

    SimulatedSettings durability(VolumeSettings.Durability durability) {
        return with(copy -> copy.durability = durability);
    }

    SimulatedSettings journal(ByteSize capacity, ByteSize fileSize, Duration fullTimeout) {
        return with(copy -> copy.journal = new VolumeSettings.Journal(capacity, fileSize, fullTimeout));
    }

    SimulatedSettings flush(VolumeSettings.Flush flush) {
        return with(copy -> copy.flush = flush);
    }

    SimulatedSettings segmentSize(ByteSize size) {
        return with(copy -> copy.flush = new VolumeSettings.Flush(
                copy.flush.maxAge(), copy.flush.maxBytes(), size, copy.flush.uploads(), copy.flush.drainTimeout()));
    }

    SimulatedSettings maxAge(Duration age) {
        return with(copy -> copy.flush = new VolumeSettings.Flush(
                age, copy.flush.maxBytes(), copy.flush.segmentSize(), copy.flush.uploads(), copy.flush.drainTimeout()));
    }

    SimulatedSettings readCache(ByteSize capacity, ByteSize readAhead) {
        return with(copy -> copy.readCache = new VolumeSettings.ReadCache(capacity, readAhead));
    }

    SimulatedSettings indexMemory(ByteSize memory) {
        return with(copy -> copy.index = new VolumeSettings.Index(memory));
    }

    SimulatedSettings checkpoint(Duration interval, int segments) {
        return with(copy -> copy.checkpoint = new VolumeSettings.Checkpoint(interval, segments));
    }

    SimulatedSettings collector(VolumeSettings.Collector collector) {
        return with(copy -> copy.collector = collector);
    }

    SimulatedSettings fencing(VolumeSettings.Fencing fencing) {
        return with(copy -> copy.fencing = fencing);
    }

    SimulatedSettings takeover(VolumeSettings.Takeover takeover) {
        return with(copy -> copy.takeover = takeover);
    }

    SimulatedSettings readWait(Duration wait) {
        return with(copy -> copy.readWait = wait);
    }
}
