package io.sluice.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where objects are kept. */
public sealed interface StoreSettings {
    /** A directory: the embedded default. */
    record File(Path directory) implements StoreSettings {}

    /**
     * Any S3-compatible endpoint.
     *
     * @param bucket its name
     * @param prefix in front of every key, "" or ending with "/"
     * @param region sent in signatures
     * @param endpoint empty for AWS itself
     * @param pathStyle bucket in the path instead of the host name
     * @param credentials static ones; empty for the SDK's chain (environment, profile, EC2/ECS role, web identity)
     * @param profile profile of the shared AWS files for the chain, empty for the default one
     * @param storageClass as S3 names it ("STANDARD", "STANDARD_IA"), empty for the bucket's default
     * @param encryption server-side encryption
     * @param caFile PEM file with certificates to trust besides the JDK's
     * @param requestTimeout one attempt
     * @param totalTimeout all attempts of one operation
     * @param retries attempts after the first, with jittered exponential pauses
     * @param connections open at the same time
     * @param bandwidthPerSecond bound of bytes sent and of bytes received, each, per second; empty for none
     * @param checksums when the SDK's newer checksum headers are sent
     */
    record S3(
            String bucket,
            String prefix,
            String region,
            Optional<URI> endpoint,
            boolean pathStyle,
            Optional<StaticCredentials> credentials,
            Optional<String> profile,
            Optional<String> storageClass,
            ServerSideEncryption encryption,
            Optional<Path> caFile,
            Duration requestTimeout,
            Duration totalTimeout,
            int retries,
            int connections,
            Optional<ByteSize> bandwidthPerSecond,
            Checksums checksums)
            implements StoreSettings {}

    /** An access key and where its secret comes from. */
    record StaticCredentials(String accessKeyId, SecretSource secretAccessKey) {}

    /** Server-side encryption of the store, on top of Sluice's own. */
    record ServerSideEncryption(Mode mode, Optional<String> kmsKeyId) {
        /** SSE-S3 is AES256, SSE-KMS is KMS. */
        public enum Mode {
            NONE,
            AES256,
            KMS
        }
    }

    /** When the SDK adds checksum headers that some servers do not know. */
    enum Checksums {
        WHEN_SUPPORTED,
        WHEN_REQUIRED
    }
}
