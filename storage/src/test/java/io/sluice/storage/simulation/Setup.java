package io.sluice.storage.simulation;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.runtime.SuppressForbidden;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/**
 * What a seed decides before anything runs: settings of the volume, which kinds of trouble there are.
 *
 * @param blocks of the volume at first
 * @param blocksMax up to which it may grow
 * @param calm nothing fails: then every bound is strict
 * @param diskTrouble the local disk fails now and then
 * @param takeovers another gateway takes over now and then
 */
@SuppressForbidden("seeded generators")
record Setup(
        long seed,
        VolumeSettings settings,
        int blocks,
        int blocksMax,
        boolean calm,
        boolean diskTrouble,
        boolean takeovers) {
    static final String NAME = "sim";
    static final SecretSource PASSPHRASE = new SecretSource() {
        @Override
        public Secret read() {
            return Secret.ofText("a passphrase");
        }

        @Override
        public String describe() {
            return "simulation";
        }
    };

    static Setup of(long seed) {
        Random random = new Random(seed * 0x9e37_79b9_7f4a_7c15L);
        int blocks = 64 * (1 + random.nextInt(4));
        return new Setup(
                seed,
                settings(random),
                blocks,
                2 * blocks,
                random.nextInt(6) == 0,
                random.nextInt(4) == 0,
                random.nextInt(3) == 0);
    }

    private static VolumeSettings settings(Random random) {
        boolean collects = random.nextBoolean();
        return new VolumeSettings(
                NAME,
                Path.of("cache"),
                new StoreSettings.File(Path.of("bucket")),
                random.nextInt(8) == 0 ? Optional.of(PASSPHRASE) : Optional.empty(),
                1,
                random.nextInt(4) == 0 ? VolumeSettings.Durability.S3 : VolumeSettings.Durability.LOCAL,
                new VolumeSettings.Journal(
                        ByteSize.ofKiB(256 << random.nextInt(3)),
                        ByteSize.ofKiB(random.nextBoolean() ? 64 : 128),
                        Duration.ofSeconds(20)),
                new VolumeSettings.Flush(
                        Duration.ofMillis(100 + random.nextInt(4000)),
                        ByteSize.ofMiB(64),
                        ByteSize.ofKiB(16L << random.nextInt(4)),
                        1 + random.nextInt(4),
                        Duration.ofSeconds(60)),
                new VolumeSettings.ReadCache(
                        ByteSize.ofKiB(256L << random.nextInt(3)), ByteSize.ofKiB(random.nextBoolean() ? 0 : 64)),
                new VolumeSettings.Index(ByteSize.ofMiB(1)),
                new VolumeSettings.Checkpoint(Duration.ofMillis(500 + random.nextInt(20_000)), 2 + random.nextInt(8)),
                new VolumeSettings.Collector(
                        collects ? 1.1 : 1.3, ByteSize.ofMiB(collects ? 256 : 32), 100, Duration.ofMillis(200)),
                VolumeSettings.Fencing.CONDITIONAL_PUT,
                VolumeSettings.Takeover.AUTOMATIC,
                Duration.ofSeconds(20));
    }

    boolean encrypted() {
        return settings.encryption().isPresent();
    }

    boolean flushesToTheBucket() {
        return settings.durability() == VolumeSettings.Durability.S3;
    }
}
