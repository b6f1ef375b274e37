package io.sluice.integration;

import java.io.IOException;
import java.io.Writer;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * S3Proxy as a process of its own on 127.0.0.1: a real S3 server over a directory. A bucket is a directory in {@link
 * #buckets}. The port stays the same over restarts.
 *
 * <p>States: stopped ⇄ running. Not thread-safe.
 */
public final class S3ProxyServer implements AutoCloseable {
    /** The one identity the server knows. */
    public static final String ACCESS_KEY_ID = "sluice-test";

    /** Its secret. */
    public static final String SECRET_ACCESS_KEY = "not-a-secret-in-a-test";

    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

    private final Path directory;
    private final int port;
    private @Nullable Process process;

    private S3ProxyServer(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Starts a server that keeps configuration, log and buckets below {@code directory}. */
    public static S3ProxyServer start(Path directory) throws IOException, InterruptedException {
        S3ProxyServer server = new S3ProxyServer(directory, freePort());
        Files.createDirectories(server.buckets());
        server.start();
        return server;
    }

    /** Starts it again after {@link #stop} or {@link #kill}; returns when it answers. */
    public void start() throws IOException, InterruptedException {
        if (process != null) {
            throw new IllegalStateException("S3Proxy runs already");
        }
        Process started = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-jar",
                        jar().toString(),
                        "--properties",
                        writeConfiguration().toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        process = started;
        awaitAnswer(started);
    }

    /** Ends it as an operator would. */
    public void stop() throws InterruptedException {
        end(false);
    }

    /** Ends it with SIGKILL. */
    public void kill() throws InterruptedException {
        end(true);
    }

    /** Makes a bucket. */
    public void createBucket(String name) throws IOException {
        Files.createDirectories(buckets().resolve(name));
    }

    /** Where buckets are directories and objects are files. */
    public Path buckets() {
        return directory.resolve("buckets");
    }

    /** What it printed. */
    public Path log() {
        return directory.resolve("s3proxy.log");
    }

    /** "http://127.0.0.1:PORT". */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void close() {
        try {
            end(true);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(boolean forcibly) throws InterruptedException {
        Process running = process;
        process = null;
        if (running == null) {
            return;
        }
        if (!forcibly) {
            running.destroy();
            if (running.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        }
        running.destroyForcibly().waitFor();
    }

    private Path writeConfiguration() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("s3proxy.endpoint", endpoint().toString());
        properties.setProperty("s3proxy.authorization", "aws-v2-or-v4");
        properties.setProperty("s3proxy.identity", ACCESS_KEY_ID);
        properties.setProperty("s3proxy.credential", SECRET_ACCESS_KEY);
        properties.setProperty("s3proxy.v4-max-non-chunked-request-size", String.valueOf(256 << 20));
        properties.setProperty("jclouds.provider", "filesystem-nio2");
        properties.setProperty("jclouds.identity", "unused");
        properties.setProperty("jclouds.credential", "unused");
        properties.setProperty("jclouds.filesystem.basedir", buckets().toString());
        Path file = directory.resolve("s3proxy.properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
        return file;
    }

    private void awaitAnswer(Process started) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!answers()) {
            if (!started.isAlive() || System.nanoTime() > endNanos) {
                end(true);
                throw new IOException("S3Proxy does not answer at " + endpoint() + ":\n" + Files.readString(log()));
            }
            Thread.sleep(50);
        }
    }

    private boolean answers() {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) endpoint().toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(5000);
            int status = connection.getResponseCode();
            connection.disconnect();
            return status > 0;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static Path jar() {
        String configured = System.getProperty("sluice.s3proxy.jar");
        Path jar = configured == null ? Path.of("target", "s3proxy", "s3proxy.jar") : Path.of(configured);
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is missing: build with Maven, which copies it there");
        }
        return jar;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
