package io.sluice.storage.object.s3;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.StoreSettings.ServerSideEncryption;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Settings for a server on this machine, with a few things to vary. */
final class S3TestSettings {
    private String scheme = "http";
    private Optional<String> storageClass = Optional.empty();
    private ServerSideEncryption encryption =
            new ServerSideEncryption(ServerSideEncryption.Mode.NONE, Optional.empty());
    private Optional<Path> caFile = Optional.empty();
    private Duration requestTimeout = Duration.ofSeconds(10);
    private @Nullable SecretSource secret = secret("scripted-secret");
    private Optional<String> profile = Optional.empty();

    static SecretSource secret(String text) {
        return new SecretSource() {
            @Override
            public Secret read() {
                return Secret.ofText(text);
            }

            @Override
            public String describe() {
                return "a test";
            }
        };
    }

    S3TestSettings https(Optional<Path> authorities) {
        scheme = "https";
        caFile = authorities;
        return this;
    }

    S3TestSettings storageClass(String name) {
        storageClass = Optional.of(name);
        return this;
    }

    S3TestSettings encryption(ServerSideEncryption.Mode mode, Optional<String> key) {
        encryption = new ServerSideEncryption(mode, key);
        return this;
    }

    S3TestSettings requestTimeout(Duration timeout) {
        requestTimeout = timeout;
        return this;
    }

    S3TestSettings secret(SecretSource source) {
        secret = source;
        return this;
    }

    /** Leaves credentials to the SDK's chain with that profile. */
    S3TestSettings chain(String profileName) {
        secret = null;
        profile = Optional.of(profileName);
        return this;
    }

    StoreSettings.S3 build(int port) {
        SecretSource source = secret;
        return new StoreSettings.S3(
                "bucket",
                "pre/",
                "eu-test-1",
                Optional.of(URI.create(scheme + "://127.0.0.1:" + port)),
                true,
                source == null ? Optional.empty() : Optional.of(new StoreSettings.StaticCredentials("id", source)),
                profile,
                storageClass,
                encryption,
                caFile,
                requestTimeout,
                Duration.ofSeconds(60),
                0,
                4,
                Optional.empty(),
                StoreSettings.Checksums.WHEN_REQUIRED);
    }
}
