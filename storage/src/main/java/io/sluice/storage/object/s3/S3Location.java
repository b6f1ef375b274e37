package io.sluice.storage.object.s3;

import io.sluice.config.StoreSettings;
import java.net.URI;

/** Bucket, prefix and endpoint; its text is for messages. */
record S3Location(String bucket, String prefix, String endpoint) {
    static S3Location of(StoreSettings.S3 settings) {
        String endpoint = settings.endpoint().map(S3Location::withoutUserInfo).orElse("AWS " + settings.region());
        return new S3Location(settings.bucket(), settings.prefix(), endpoint);
    }

    String serverKey(String key) {
        return prefix + key;
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + prefix + " at " + endpoint;
    }

    private static String withoutUserInfo(URI endpoint) {
        String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
        return endpoint.getScheme() + "://" + endpoint.getHost() + port;
    }
}
