package io.sluice.config.load;

import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.StoreSettings.Checksums;
import io.sluice.config.StoreSettings.ServerSideEncryption;
import io.sluice.config.StoreSettings.StaticCredentials;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes a store of its section, and finds keys that do not fit together. */
final class StoreReader {
    private final MistakeLog log;
    private final SecretReader secrets;

    StoreReader(MistakeLog log, SecretReader secrets) {
        this.log = log;
        this.secrets = secrets;
    }

    /** Empty when the section cannot say where the store is; that is in the log then. */
    Optional<StoreSettings> read(SectionValues values) {
        if (!values.isGood(StoreSchema.TYPE)) {
            return Optional.empty();
        }
        return switch (values.get(StoreSchema.TYPE)) {
            case FILE -> readFile(values);
            case S3 -> readS3(values);
        };
    }

    private Optional<StoreSettings> readFile(SectionValues values) {
        for (Key<?> key : StoreSchema.ONLY_S3) {
            if (values.isGiven(key)) {
                reject(values, key.name(), values.place(key), "file");
            }
        }
        SectionValues credentials = values.section(StoreSchema.CREDENTIALS);
        if (credentials.given()) {
            log.mistake(
                    credentials.place(),
                    credentials.path(),
                    "does not belong to type = file",
                    "remove it, or write s3");
        }
        requireGiven(values, StoreSchema.DIRECTORY, "file", "directory = \"/srv/sluice\"");
        return values.get(StoreSchema.DIRECTORY).map(StoreSettings.File::new);
    }

    private Optional<StoreSettings> readS3(SectionValues values) {
        if (values.isGiven(StoreSchema.DIRECTORY)) {
            reject(values, StoreSchema.DIRECTORY.name(), values.place(StoreSchema.DIRECTORY), "s3");
        }
        requireGiven(values, StoreSchema.BUCKET, "s3", "bucket = my-disks");
        checkCombinations(values);
        Optional<StaticCredentials> credentials = readCredentials(values);
        boolean custom = values.isGiven(StoreSchema.ENDPOINT);
        Checksums checksums = custom ? Checksums.WHEN_REQUIRED : Checksums.WHEN_SUPPORTED;
        String prefix = values.get(StoreSchema.PREFIX);
        return values.get(StoreSchema.BUCKET)
                .map(bucket -> new StoreSettings.S3(
                        bucket,
                        prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/",
                        values.get(StoreSchema.REGION),
                        values.get(StoreSchema.ENDPOINT),
                        values.get(StoreSchema.PATH_STYLE).orElse(custom),
                        credentials,
                        values.get(StoreSchema.PROFILE),
                        values.get(StoreSchema.STORAGE_CLASS),
                        new ServerSideEncryption(
                                values.get(StoreSchema.SERVER_SIDE_ENCRYPTION), values.get(StoreSchema.KMS_KEY_ID)),
                        values.get(StoreSchema.CA_FILE),
                        values.get(StoreSchema.REQUEST_TIMEOUT),
                        values.get(StoreSchema.TOTAL_TIMEOUT),
                        values.get(StoreSchema.RETRIES),
                        values.get(StoreSchema.CONNECTIONS),
                        values.get(StoreSchema.BANDWIDTH),
                        values.get(StoreSchema.CHECKSUMS).orElse(checksums)));
    }

    private Optional<StaticCredentials> readCredentials(SectionValues values) {
        SectionValues credentials = values.section(StoreSchema.CREDENTIALS);
        if (!credentials.given()) {
            return Optional.empty();
        }
        SectionValues secret = credentials.section(StoreSchema.SECRET_ACCESS_KEY);
        Optional<SecretSource> source = secrets.read(secret);
        if (!secret.given() && !credentials.bad().contains(StoreSchema.SECRET_ACCESS_KEY.name())) {
            String path = credentials.path(StoreSchema.SECRET_ACCESS_KEY.name());
            log.mistake(credentials.place(), path, "is missing", SecretReader.EXAMPLE);
        }
        return source.map(given -> new StaticCredentials(credentials.get(StoreSchema.ACCESS_KEY_ID), given));
    }

    private void checkCombinations(SectionValues values) {
        if (values.get(StoreSchema.KMS_KEY_ID).isPresent()
                && values.get(StoreSchema.SERVER_SIDE_ENCRYPTION) != ServerSideEncryption.Mode.KMS
                && values.isGood(StoreSchema.SERVER_SIDE_ENCRYPTION)) {
            log.mistake(
                    values.place(StoreSchema.KMS_KEY_ID),
                    values.path(StoreSchema.KMS_KEY_ID),
                    "is used with server-side-encryption = kms only",
                    "write server-side-encryption = kms, or remove the key");
        }
        if (values.get(StoreSchema.PROFILE).isPresent()
                && values.section(StoreSchema.CREDENTIALS).given()) {
            log.mistake(
                    values.place(StoreSchema.PROFILE),
                    values.path(StoreSchema.PROFILE),
                    "is not used when credentials are given",
                    "remove one of the two");
        }
        if (values.get(StoreSchema.TOTAL_TIMEOUT).compareTo(values.get(StoreSchema.REQUEST_TIMEOUT)) < 0) {
            log.mistake(
                    values.place(StoreSchema.TOTAL_TIMEOUT),
                    values.path(StoreSchema.TOTAL_TIMEOUT),
                    "is less than request-timeout, so no request could take its time",
                    "write at least the value of request-timeout");
        }
        Optional<Path> certificates = values.get(StoreSchema.CA_FILE);
        if (certificates.isPresent() && !Files.isReadable(certificates.get())) {
            log.mistake(
                    values.place(StoreSchema.CA_FILE),
                    values.path(StoreSchema.CA_FILE),
                    "the file " + certificates.get() + " is not there or cannot be read",
                    "give the path of a PEM file that Sluice's user can read");
        }
    }

    private void requireGiven(SectionValues values, Key<?> key, String type, String example) {
        if (!values.isGiven(key)) {
            log.mistake(
                    values.place(), values.path(key), "is missing, type = " + type + " needs it", "write " + example);
        }
    }

    private void reject(SectionValues values, String name, Place place, String type) {
        String other = type.equals("file") ? "s3" : "file";
        log.mistake(
                place, values.path(name), "does not belong to type = " + type, "remove it, or write type = " + other);
    }
}
