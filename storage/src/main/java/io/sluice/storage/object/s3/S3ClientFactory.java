package io.sluice.storage.object.s3;

import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;

/** Builds the SDK's client from our settings. Its retries are off: {@code RetryingObjectStore} does that. */
final class S3ClientFactory {
    private S3ClientFactory() {}

    /** {@code serverDate} hears of every answer. */
    static S3AsyncClient create(StoreSettings.S3 settings, ServerDate serverDate) throws ObjectStoreException {
        S3AsyncClientBuilder builder = S3AsyncClient.builder()
                .region(Region.of(settings.region()))
                .forcePathStyle(settings.pathStyle())
                .credentialsProvider(credentials(settings))
                .overrideConfiguration(overrides(settings, serverDate))
                .httpClientBuilder(httpClient(settings));
        settings.endpoint().ifPresent(builder::endpointOverride);
        chooseChecksums(builder, settings.checksums());
        return builder.build();
    }

    private static ClientOverrideConfiguration overrides(StoreSettings.S3 settings, ServerDate serverDate) {
        ClientOverrideConfiguration.Builder overrides = ClientOverrideConfiguration.builder()
                .addExecutionInterceptor(serverDate)
                .retryStrategy(AwsRetryStrategy.doNotRetry())
                .apiCallAttemptTimeout(settings.requestTimeout())
                .apiCallTimeout(settings.requestTimeout());
        settings.profile().ifPresent(overrides::defaultProfileName);
        return overrides.build();
    }

    /** Servers that do not know the newer checksums want MD5 where S3 demands one (deleting many). */
    private static void chooseChecksums(S3AsyncClientBuilder builder, StoreSettings.Checksums checksums) {
        switch (checksums) {
            case WHEN_SUPPORTED ->
                builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_SUPPORTED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_SUPPORTED);
            case WHEN_REQUIRED ->
                builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .addPlugin(LegacyMd5Plugin.create());
        }
    }

    private static AwsCredentialsProvider credentials(StoreSettings.S3 settings) throws ObjectStoreException {
        if (settings.credentials().isPresent()) {
            return fixed(settings.credentials().get());
        }
        DefaultCredentialsProvider.Builder chain = DefaultCredentialsProvider.builder();
        settings.profile().ifPresent(chain::profileName);
        return chain.build();
    }

    private static AwsCredentialsProvider fixed(StoreSettings.StaticCredentials credentials)
            throws ObjectStoreException {
        try {
            byte[] secret = credentials.secretAccessKey().read().reveal();
            String text = new String(secret, StandardCharsets.UTF_8).strip();
            Arrays.fill(secret, (byte) 0);
            return StaticCredentialsProvider.create(AwsBasicCredentials.create(credentials.accessKeyId(), text));
        } catch (SecretSource.SecretUnavailableException unavailable) {
            throw new ObjectStoreException(
                    Kind.DENIED,
                    "the secret access key of " + credentials.accessKeyId() + " cannot be read from "
                            + credentials.secretAccessKey().describe() + ": " + unavailable.getMessage(),
                    unavailable);
        }
    }

    private static NettyNioAsyncHttpClient.Builder httpClient(StoreSettings.S3 settings) throws ObjectStoreException {
        NettyNioAsyncHttpClient.Builder http = NettyNioAsyncHttpClient.builder()
                .maxConcurrency(settings.connections())
                .connectionTimeout(settings.requestTimeout())
                .connectionAcquisitionTimeout(settings.requestTimeout())
                .tlsNegotiationTimeout(settings.requestTimeout())
                .readTimeout(settings.requestTimeout())
                .writeTimeout(settings.requestTimeout())
                .tcpKeepAlive(true);
        if (settings.caFile().isPresent()) {
            TrustManager[] managers = trustManagers(settings.caFile().get());
            http.tlsTrustManagersProvider(managers::clone);
        }
        return http;
    }

    private static TrustManager[] trustManagers(Path caFile) throws ObjectStoreException {
        try {
            return TrustedAuthorities.with(caFile);
        } catch (IOException | GeneralSecurityException failure) {
            throw new ObjectStoreException(
                    Kind.INVALID, "cannot use the certificates in " + caFile + ": " + failure.getMessage(), failure);
        }
    }
}
