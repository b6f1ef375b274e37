package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.secret.FileSecret;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.NioLocalDisk;
import io.sluice.storage.engine.ObjectStores;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.inspection.VolumeAccess;
import io.sluice.storage.object.LimitedObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.SystemRuntime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * Where a volume is that a command looks at: named by the configuration as for all other commands, or, when there is no
 * configuration any more, by options alone.
 */
final class VolumeSource {
    private static final int WORKERS_MIN = 2;
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration TOTAL_TIMEOUT = Duration.ofMinutes(2);
    private static final int RETRIES = 8;
    private static final int CONNECTIONS = 64;

    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Option(
            names = "--store-directory",
            paramLabel = "DIR",
            description = "Without a configuration: the directory of a file store.")
    private @Nullable Path storeDirectory;

    @Option(names = "--bucket", paramLabel = "NAME", description = "Without a configuration: the S3 bucket.")
    private @Nullable String bucket;

    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "With --bucket: what stands in front of every key, as \"prefix\" in the configuration.")
    private String prefix = "";

    @Option(names = "--endpoint", paramLabel = "URL", description = "With --bucket: a server other than AWS.")
    private @Nullable URI endpoint;

    @Option(
            names = "--region",
            paramLabel = "NAME",
            defaultValue = "us-east-1",
            description = "With --bucket: region that requests are signed for (default: ${DEFAULT-VALUE}).")
    private String region = "us-east-1";

    @Option(
            names = "--virtual-host-style",
            description = "With --endpoint: the bucket stands in the host name, not in the path.")
    private boolean virtualHostStyle;

    @Option(
            names = "--access-key-id",
            paramLabel = "ID",
            description = "With --bucket: an access key; else the usual AWS chain (environment, profile, role).")
    private @Nullable String accessKeyId;

    @Option(
            names = "--secret-access-key-file",
            paramLabel = "FILE",
            description = "With --access-key-id: the file with its secret.")
    private @Nullable Path secretAccessKeyFile;

    @Option(names = "--profile", paramLabel = "NAME", description = "With --bucket: profile of the shared AWS files.")
    private @Nullable String profile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "With --bucket: PEM file with certificates to trust besides Java's.")
    private @Nullable Path caFile;

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "The volume's passphrase; with a configuration, instead of the LUN file's.")
    private @Nullable Path passphraseFile;

    @Option(names = "--no-encryption", description = "Without a configuration: the volume has \"encryption = none\".")
    private boolean noEncryption;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "16",
            description = "Requests to the store at a time, at most (default: ${DEFAULT-VALUE}).")
    private int requests = 16;

    @Option(
            names = "--bandwidth",
            paramLabel = "SIZE",
            description = "Bytes per second read from the store, at most, such as \"20 MiB\" (default: no bound).")
    private @Nullable String bandwidth;

    /**
     * A volume that was found.
     *
     * @param cache its local cache directory, when the configuration says it
     */
    record Found(String volume, StoreSettings store, Optional<SecretSource> passphrase, Optional<Path> cache) {}

    /** What a command does with a volume. */
    interface Work<T> {
        CompletableFuture<T> begin(VolumeAccess access) throws IOException;
    }

    int requests() {
        return requests;
    }

    /** The volume called {@code name}; fails with what is wrong with the options or the configuration. */
    Found find(CommandSpec command, String name) {
        checkOptions();
        if (storeDirectory == null && bucket == null) {
            LunSettings lun = configuration.lunOf(command, name);
            Optional<SecretSource> passphrase = passphraseFile == null
                    ? lun.volume().encryption()
                    : Optional.of(new FileSecret(passphraseFile.toAbsolutePath()));
            return new Found(
                    name,
                    lun.volume().store(),
                    passphrase,
                    Optional.of(lun.volume().cacheDirectory()));
        }
        if (!ObjectNames.isVolumeName(name)) {
            throw new CommandFailure(ExitStatus.USAGE, "\"" + name + "\" cannot be the name of a volume");
        }
        if ((passphraseFile != null) == noEncryption) {
            throw new CommandFailure(
                    ExitStatus.USAGE,
                    "without a configuration, give --passphrase-file FILE, or --no-encryption for a volume that has none");
        }
        Optional<SecretSource> passphrase = passphraseFile == null
                ? Optional.empty()
                : Optional.of(new FileSecret(passphraseFile.toAbsolutePath()));
        return new Found(name, store(), passphrase, Optional.empty());
    }

    private void checkOptions() {
        if (storeDirectory != null && bucket != null) {
            throw new CommandFailure(ExitStatus.USAGE, "give --store-directory or --bucket, not both");
        }
        boolean onlyWithBucket = endpoint != null || accessKeyId != null || profile != null || caFile != null;
        if (bucket == null && onlyWithBucket) {
            throw new CommandFailure(
                    ExitStatus.USAGE, "--endpoint, --access-key-id, --profile and --ca-file belong to --bucket");
        }
        if ((accessKeyId == null) != (secretAccessKeyFile == null)) {
            throw new CommandFailure(ExitStatus.USAGE, "--access-key-id and --secret-access-key-file belong together");
        }
        if (requests < 1 || requests > 1024) {
            throw new CommandFailure(ExitStatus.USAGE, "--requests is a number from 1 to 1024");
        }
    }

    private StoreSettings store() {
        if (storeDirectory != null) {
            if (!Files.isDirectory(storeDirectory)) {
                throw new CommandFailure(ExitStatus.USAGE, "there is no directory " + storeDirectory);
            }
            return new StoreSettings.File(storeDirectory.toAbsolutePath());
        }
        boolean custom = endpoint != null;
        return new StoreSettings.S3(
                String.valueOf(bucket),
                prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/",
                region,
                Optional.ofNullable(endpoint),
                custom && !virtualHostStyle,
                credentials(),
                Optional.ofNullable(profile),
                Optional.empty(),
                new StoreSettings.ServerSideEncryption(StoreSettings.ServerSideEncryption.Mode.NONE, Optional.empty()),
                Optional.ofNullable(caFile),
                REQUEST_TIMEOUT,
                TOTAL_TIMEOUT,
                RETRIES,
                CONNECTIONS,
                Optional.empty(),
                custom ? StoreSettings.Checksums.WHEN_REQUIRED : StoreSettings.Checksums.WHEN_SUPPORTED);
    }

    private Optional<StoreSettings.StaticCredentials> credentials() {
        return accessKeyId == null || secretAccessKeyFile == null
                ? Optional.empty()
                : Optional.of(new StoreSettings.StaticCredentials(
                        accessKeyId, new FileSecret(secretAccessKeyFile.toAbsolutePath())));
    }

    /** Waits for what {@code work} does with the volume, within the limits that the options give. */
    <T> T look(Found found, Work<T> work) throws IOException {
        OptionalLong bytesPerSecond = bytesPerSecond();
        int cores = Runtime.getRuntime().availableProcessors();
        try (SystemRuntime runtime = new SystemRuntime(Math.max(WORKERS_MIN, cores));
                ObjectStore store = new LimitedObjectStore(
                        ObjectStores.open(found.store(), runtime),
                        requests,
                        bytesPerSecond,
                        runtime.clock(),
                        runtime.lane("limits"))) {
            return work.begin(new VolumeAccess(found.volume(), found.passphrase(), store, runtime))
                    .join();
        }
    }

    private OptionalLong bytesPerSecond() {
        if (bandwidth == null) {
            return OptionalLong.empty();
        }
        try {
            long bytes = ByteSize.parse(bandwidth).bytes();
            if (bytes > 0) {
                return OptionalLong.of(bytes);
            }
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(ExitStatus.USAGE, "--bandwidth: " + wrong.getMessage());
        }
        throw new CommandFailure(ExitStatus.USAGE, "--bandwidth is a size such as \"20 MiB\", more than 0");
    }

    /** Takes a cache directory that exists for this process. */
    static LocalDisk lock(Path directory) throws IOException {
        return NioLocalDisk.open(directory);
    }
}
