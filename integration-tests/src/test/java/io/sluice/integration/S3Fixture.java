package io.sluice.integration;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Settings for the S3 servers of the tests. */
final class S3Fixture {
    private S3Fixture() {}

    static StoreSettings.S3 settings(URI endpoint, String bucket, String prefix) {
        return settings(endpoint, bucket, prefix, S3ProxyServer.SECRET_ACCESS_KEY);
    }

    static StoreSettings.S3 settingsWithRetries(URI endpoint, String bucket, int retries) {
        return settings(endpoint, bucket, "", S3ProxyServer.SECRET_ACCESS_KEY, retries);
    }

    static StoreSettings.S3 settings(URI endpoint, String bucket, String prefix, String secret) {
        return settings(endpoint, bucket, prefix, secret, 3);
    }

    private static StoreSettings.S3 settings(URI endpoint, String bucket, String prefix, String secret, int retries) {
        return new StoreSettings.S3(
                bucket,
                prefix,
                "us-east-1",
                Optional.of(endpoint),
                true,
                Optional.of(new StoreSettings.StaticCredentials(S3ProxyServer.ACCESS_KEY_ID, source(secret))),
                Optional.empty(),
                Optional.empty(),
                new StoreSettings.ServerSideEncryption(StoreSettings.ServerSideEncryption.Mode.NONE, Optional.empty()),
                Optional.empty(),
                Duration.ofSeconds(15),
                Duration.ofSeconds(60),
                retries,
                8,
                Optional.<ByteSize>empty(),
                StoreSettings.Checksums.WHEN_REQUIRED);
    }

    static SecretSource source(String secret) {
        return new SecretSource() {
            @Override
            public Secret read() {
                return Secret.ofText(secret);
            }

            @Override
            public String describe() {
                return "the test";
            }
        };
    }
}
