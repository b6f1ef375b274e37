package io.sluice.integration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the files that a server is started with, below one directory:
 *
 * <pre>
 *   sluice.conf    portal 127.0.0.1 with a free port, stores, defaults (store "main", encrypted)
 *   luns.d/*.conf  one for each LUN
 *   passphrase     of every volume that does not say otherwise
 *   secret         of the S3 store
 *   cache/VOLUME/  journal, index, read cache
 *   bucket/        objects of the file store
 * </pre>
 *
 * Everything else is given as lines of HOCON, for that is what a user writes.
 */
public final class ConfigurationFiles {
    /** Targets are called so, with the volume's name behind it. */
    public static final String TARGET_PREFIX = "iqn.2026-11.io.sluice.test:";

    /** The variable with the S3 secret, for stores that take it from the environment. */
    public static final String SECRET_VARIABLE = "SLUICE_TEST_SECRET";

    /** A local socket's name must have fewer than 100 bytes here: 107 is what Linux takes, with a 0 behind it. */
    private static final int SOCKET_NAME_BYTES_MAX = 99;

    private final Path directory;
    private final int port;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<String> serverLines = new ArrayList<>();
    private final List<String> storeLines = new ArrayList<>();
    private final List<String> defaultLines =
            new ArrayList<>(List.of("store = main", "encryption { passphrase { file = passphrase } }"));
    private final Map<String, List<String>> luns = new LinkedHashMap<>();

    private ConfigurationFiles(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Nothing yet but a free port; the directory is made when missing. */
    public static ConfigurationFiles in(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new ConfigurationFiles(directory, freePort());
    }

    /** A port on which nobody listens at this moment. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The store "main" is the directory {@link #bucketDirectory}. */
    public ConfigurationFiles fileStore() throws IOException {
        Files.createDirectories(bucketDirectory());
        return store("main", "type = file", "directory = bucket");
    }

    /** The store "main" is a bucket; the secret stands in a file. */
    public ConfigurationFiles s3Store(URI endpoint, String bucket) {
        return s3Store("main", endpoint, bucket, "{ file = secret }");
    }

    /** Another store, which is a bucket; the secret stands in a file. */
    public ConfigurationFiles s3StoreNamed(String name, URI endpoint, String bucket) {
        return s3Store(name, endpoint, bucket, "{ file = secret }");
    }

    /** The store "main" is a bucket; the secret is in the environment. */
    public ConfigurationFiles s3StoreWithSecretInEnvironment(URI endpoint, String bucket) {
        environment.put(SECRET_VARIABLE, S3ProxyServer.SECRET_ACCESS_KEY);
        return s3Store("main", endpoint, bucket, "{ env = " + SECRET_VARIABLE + " }");
    }

    private ConfigurationFiles s3Store(String name, URI endpoint, String bucket, String secretSource) {
        return store(
                name,
                "type = s3",
                "bucket = " + bucket,
                "endpoint = \"" + endpoint + "\"",
                "credentials { access-key-id = " + S3ProxyServer.ACCESS_KEY_ID,
                "secret-access-key " + secretSource + " }");
    }

    /** Any store, by its lines. */
    public ConfigurationFiles store(String name, String... lines) {
        storeLines.add("stores." + name + " {");
        storeLines.addAll(List.of(lines));
        storeLines.add("}");
        return this;
    }

    /** More lines of sluice.conf. */
    public ConfigurationFiles server(String... lines) {
        serverLines.addAll(List.of(lines));
        return this;
    }

    /** More lines of the section {@code defaults}. */
    public ConfigurationFiles defaults(String... lines) {
        defaultLines.addAll(List.of(lines));
        return this;
    }

    /**
     * A LUN file: LUN 0 of {@link #target} with a volume of this name; {@code lines} add to that or overrule it, and must
     * say the size.
     */
    public ConfigurationFiles lun(String volume, String... lines) {
        List<String> all = new ArrayList<>();
        all.add("target = \"" + target(volume) + "\"");
        all.add("volume = " + volume);
        all.addAll(List.of(lines));
        luns.put(volume, all);
        return this;
    }

    /**
     * For tests that start many servers: half the time of a start goes into compiling thoroughly what runs only once. The
     * data path is slower for it.
     */
    public ConfigurationFiles startingQuickly() {
        return environment("SLUICE_JAVA_OPTS", "-Xmx512m -XX:TieredStopAtLevel=1");
    }

    /** One more variable in the environment of every program that is run with these files. */
    public ConfigurationFiles environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Writes everything; may be called again after a change. */
    public ConfigurationFiles write() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("portals = [\"127.0.0.1:" + port + "\"]");
        lines.add("data-directory = cache");
        lines.add("admin-socket = \"" + adminSocket() + "\"");
        lines.addAll(serverLines);
        lines.addAll(storeLines);
        lines.add("defaults {");
        lines.addAll(defaultLines);
        lines.add("}");
        Files.write(configuration(), lines);
        Files.createDirectories(directory.resolve("luns.d"));
        for (Map.Entry<String, List<String>> lun : luns.entrySet()) {
            Files.write(lunFile(lun.getKey()), lun.getValue());
        }
        writeSecret("passphrase", "a passphrase for tests only");
        writeSecret("secret", S3ProxyServer.SECRET_ACCESS_KEY);
        return this;
    }

    private void writeSecret(String name, String secret) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, secret + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** Below the directory, or, when that is too deep for a socket, beside other temporary files. */
    public Path adminSocket() {
        Path wanted = directory.toAbsolutePath().resolve("admin.sock");
        return wanted.toString().getBytes(StandardCharsets.UTF_8).length <= SOCKET_NAME_BYTES_MAX
                ? wanted
                : Path.of(System.getProperty("java.io.tmpdir"), "sluice-test-" + port + ".sock");
    }

    /** What {@code --config} takes. */
    public Path configuration() {
        return directory.resolve("sluice.conf");
    }

    /** The file of a LUN. */
    public Path lunFile(String volume) {
        return directory.resolve("luns.d").resolve(volume + ".conf");
    }

    /** Journal, index and read cache of a volume. */
    public Path cacheDirectory(String volume) {
        return directory.resolve("cache").resolve(volume);
    }

    /** The objects of the file store. */
    public Path bucketDirectory() {
        return directory.resolve("bucket");
    }

    /** Where logs are put. */
    public Path directory() {
        return directory;
    }

    /** The name of the target of a LUN made by {@link #lun}. */
    public static String target(String volume) {
        return TARGET_PREFIX + volume;
    }

    /** "iscsi://127.0.0.1:PORT/TARGET/0". */
    public String url(String volume) {
        return "iscsi://127.0.0.1:" + port + "/" + target(volume) + "/0";
    }

    /** On 127.0.0.1. */
    public int port() {
        return port;
    }

    /** The volumes of all LUN files. */
    public List<String> volumes() {
        return List.copyOf(luns.keySet());
    }

    /** What programs find in their environment besides what the test has. */
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }
}
