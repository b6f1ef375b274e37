package io.sluice.config.load;

import io.sluice.config.ByteSize;
import io.sluice.config.StoreSettings.Checksums;
import io.sluice.config.StoreSettings.ServerSideEncryption;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.ValueType;
import io.sluice.config.schema.ValueTypes;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keys of a store; which of them belong to which type. */
final class StoreSchema {
    /** What a store is. */
    enum Type {
        FILE,
        S3
    }

    private static final ValueType<String> WORD =
            ValueTypes.text("a name without spaces", "", Pattern.compile("[!-~]{1,1024}"), "\"sluice\"");

    static final Key<Type> TYPE = Key.required(
            "type",
            ValueTypes.choice(Words.of(Type.class)),
            Type.FILE,
            "`file` keeps objects in a directory, `s3` in a bucket of any S3-compatible endpoint.");
    static final Key<Optional<Path>> DIRECTORY = Key.optional(
            "directory", ValueTypes.path(), "(required for `file`)", "`file`: directory that holds the objects.");
    static final Key<Optional<String>> BUCKET = Key.optional(
            "bucket",
            ValueTypes.text(
                    "a bucket name",
                    "3 to 63 characters",
                    Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]"),
                    "\"my-disks\""),
            "(required for `s3`)",
            "`s3`: name of the bucket, which must exist.");
    static final Key<String> PREFIX = Key.of(
            "prefix",
            ValueTypes.text(
                    "a key prefix",
                    "no leading /",
                    Pattern.compile("|[^/\\p{Cntrl}][^\\p{Cntrl}]{0,255}"),
                    "\"sluice/\""),
            "",
            "`s3`: stands in front of every object key; a missing \"/\" at its end is added.");
    static final Key<String> REGION = Key.of("region", WORD, "us-east-1", "`s3`: region that requests are signed for.");
    static final Key<Optional<URI>> ENDPOINT = Key.optional(
            "endpoint",
            ValueTypes.parsed(
                    "an http or https URL", "", "\"https://s3.example.org\"", StoreSchema::parseEndpoint, Map.of()),
            "AWS",
            "`s3`: URL of a server other than AWS, without path and credentials.");
    static final Key<Optional<Boolean>> PATH_STYLE = Key.optional(
            "path-style",
            ValueTypes.flag(),
            "true with `endpoint`, else false",
            "`s3`: put the bucket into the path instead of the host name.");
    static final Key<Optional<String>> PROFILE = Key.optional(
            "profile",
            WORD,
            "the default profile",
            "`s3`: profile of the shared AWS files, when `credentials` is not given.");
    static final Key<Optional<String>> STORAGE_CLASS = Key.optional(
            "storage-class",
            ValueTypes.text("a storage class", "", Pattern.compile("[A-Z][A-Z0-9_]{1,63}"), "STANDARD_IA"),
            "the bucket's default",
            "`s3`: storage class of new objects.");
    static final Key<ServerSideEncryption.Mode> SERVER_SIDE_ENCRYPTION = Key.of(
            "server-side-encryption",
            ValueTypes.choice(Words.of(ServerSideEncryption.Mode.class)),
            ServerSideEncryption.Mode.NONE,
            "`s3`: encryption by the store on top of Sluice's own: `aes256` is SSE-S3, `kms` is SSE-KMS.");
    static final Key<Optional<String>> KMS_KEY_ID = Key.optional(
            "kms-key-id", WORD, "the account's default key", "`s3`: key for `server-side-encryption = kms`.");
    static final Key<Optional<Path>> CA_FILE = Key.optional(
            "ca-file",
            ValueTypes.path(),
            "the JDK's certificates alone",
            "`s3`: PEM file with certificates to trust besides the JDK's.");
    static final Key<Duration> REQUEST_TIMEOUT = Key.of(
            "request-timeout",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
            Duration.ofSeconds(30),
            "`s3`: bound of one attempt.");
    static final Key<Duration> TOTAL_TIMEOUT = Key.of(
            "total-timeout",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            Duration.ofMinutes(2),
            "`s3`: bound of all attempts of one operation; not less than `request-timeout`.");
    static final Key<Integer> RETRIES = Key.of(
            "retries",
            ValueTypes.integer(0, 100),
            8,
            "`s3`: attempts after the first, with jittered and growing pauses.");
    static final Key<Integer> CONNECTIONS =
            Key.of("connections", ValueTypes.integer(1, 1024), 64, "`s3`: connections open at the same time.");
    static final Key<Optional<ByteSize>> BANDWIDTH = Key.optional(
            "bandwidth-per-second",
            ValueTypes.size(ByteSize.ofKiB(64), ByteSize.ofGiB(1024)),
            "unbounded",
            "`s3`: bound of the bytes sent, and of the bytes received, in each second.");
    static final Key<Optional<Checksums>> CHECKSUMS = Key.optional(
            "checksums",
            ValueTypes.choice(Words.of(Checksums.class)),
            "when-required with `endpoint`, else when-supported",
            "`s3`: when requests carry the newer checksum headers, which some servers do not know.");

    static final Key<String> ACCESS_KEY_ID =
            Key.required("access-key-id", WORD, "", "The access key's id, which is not a secret.");
    static final Section SECRET_ACCESS_KEY =
            SecretSchema.section("secret-access-key", "Where the access key's secret comes from.");
    static final Section CREDENTIALS = Section.of(
                    "credentials",
                    "`s3`: a fixed access key. Without it the AWS chain is used: environment, profile, web identity,"
                            + " ECS or EC2 role.")
            .withKeys(ACCESS_KEY_ID)
            .withSections(SECRET_ACCESS_KEY);

    static final List<Key<?>> ONLY_S3 = List.of(
            BUCKET,
            PREFIX,
            REGION,
            ENDPOINT,
            PATH_STYLE,
            PROFILE,
            STORAGE_CLASS,
            SERVER_SIDE_ENCRYPTION,
            KMS_KEY_ID,
            CA_FILE,
            REQUEST_TIMEOUT,
            TOTAL_TIMEOUT,
            RETRIES,
            CONNECTIONS,
            BANDWIDTH,
            CHECKSUMS);

    /** In a LUN file or the defaults. */
    static final Section STORE = content("store", "Where the objects of the volume are.")
            .withShorthand("the name of one of the server file's `stores`")
            .asWhole();
    /** In the server file. */
    static final Section STORES =
            content("stores", "Stores that LUNs can name, each under its name.").asNamed();

    private StoreSchema() {}

    private static Section content(String name, String doc) {
        return Section.of(name, doc)
                .withKeys(
                        TYPE,
                        DIRECTORY,
                        BUCKET,
                        PREFIX,
                        REGION,
                        ENDPOINT,
                        PATH_STYLE,
                        PROFILE,
                        STORAGE_CLASS,
                        SERVER_SIDE_ENCRYPTION,
                        KMS_KEY_ID,
                        CA_FILE,
                        REQUEST_TIMEOUT,
                        TOTAL_TIMEOUT,
                        RETRIES,
                        CONNECTIONS,
                        BANDWIDTH,
                        CHECKSUMS)
                .withSections(CREDENTIALS);
    }

    /** Never shows a text that may hold credentials. */
    private static URI parseEndpoint(String text) {
        if (text.indexOf('@') >= 0) {
            throw new IllegalArgumentException("the URL holds credentials; those belong into `credentials`");
        }
        try {
            URI uri = URI.create(text.strip());
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            boolean bare = (uri.getPath() == null || uri.getPath().matches("/?")) && uri.getQuery() == null;
            if (http && bare && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the value is not a URL", e);
        }
        throw new IllegalArgumentException("the value is not an http or https URL of a server alone");
    }
}
