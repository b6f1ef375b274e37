package io.sluice.integration.bench;

import io.sluice.integration.HttpHead;
import io.sluice.integration.S3ProxyServer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * What the S3 server gives behind its gateway when whoever asks does nothing: ranged GETs as a cold 4 KiB read makes them,
 * on sockets, of addresses that are signed once. What a cold read of Sluice's could reach if Sluice took no time.
 */
final class StoreLimit {
    private static final String BUCKET = "store-limit";
    private static final int RANGE_BYTES = 52 << 10;
    private static final int UNDER_WAY = 32;
    private static final int WARM_UP_SECONDS = 8;
    private static final Duration SIGNED_FOR = Duration.ofMinutes(10);

    private StoreLimit() {}

    /** By name with unit; takes about 20 seconds. */
    static Map<String, Double> measure(S3ProxyServer store, int seconds) throws IOException, InterruptedException {
        store.createBucket(BUCKET);
        Map<String, Double> limits = new TreeMap<>();
        try (StoreGateway gateway = StoreGateway.start(store.endpoint());
                S3Presigner signer = signer(gateway.endpoint())) {
            put(signer);
            byte[] request = request(signer);
            double unused = perSecond(gateway.endpoint(), request, WARM_UP_SECONDS);
            for (int millis : new int[] {0, 20}) {
                gateway.latencyMillis(millis);
                limits.put(
                        "S3 server, GETs of 52 KiB, 32 under way, " + millis + " ms each, per s",
                        perSecond(gateway.endpoint(), request, seconds));
            }
        }
        return limits;
    }

    private static S3Presigner signer(URI endpoint) {
        return S3Presigner.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .serviceConfiguration(
                        S3Configuration.builder().pathStyleAccessEnabled(true).build())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(S3ProxyServer.ACCESS_KEY_ID, S3ProxyServer.SECRET_ACCESS_KEY)))
                .build();
    }

    private static void put(S3Presigner signer) throws IOException {
        URL url = signer.presignPutObject(put -> put.signatureDuration(SIGNED_FOR)
                        .putObjectRequest(object -> object.bucket(BUCKET).key("object")))
                .url();
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setRequestMethod("PUT");
        connection.setDoOutput(true);
        connection.getOutputStream().write(new byte[2 * RANGE_BYTES]);
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException("the S3 server does not take an object: " + connection.getResponseMessage());
        }
    }

    private static byte[] request(S3Presigner signer) {
        URL url = signer.presignGetObject(get -> get.signatureDuration(SIGNED_FOR)
                        .getObjectRequest(object -> object.bucket(BUCKET).key("object")))
                .url();
        return ("GET " + url.getFile() + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nRange: bytes=4096-"
                        + (4096 + RANGE_BYTES - 1) + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static double perSecond(URI endpoint, byte[] request, int seconds)
            throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(UNDER_WAY);
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong answers = new AtomicLong();
        try {
            var asking = IntStream.range(0, UNDER_WAY)
                    .mapToObj(i -> threads.submit(() -> ask(endpoint, request, over, answers)))
                    .toList();
            long beginNanos = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(seconds).toMillis());
            double perSecond = answers.get() * 1e9 / (System.nanoTime() - beginNanos);
            over.set(true);
            for (Future<?> one : asking) {
                one.get();
            }
            return perSecond;
        } catch (ExecutionException failed) {
            throw new IOException("the S3 server ends a request", failed.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void ask(URI endpoint, byte[] request, AtomicBoolean over, AtomicLong answers) throws IOException {
        byte[] body = new byte[RANGE_BYTES];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.getPort())) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (!over.get()) {
                socket.getOutputStream().write(request);
                HttpHead head = HttpHead.readFrom(in);
                if (head == null
                        || !head.firstLine().contains(" 206 ")
                        || in.readNBytes(body, 0, body.length) != body.length) {
                    throw new EOFException("no range was given: " + (head == null ? "the end" : head.firstLine()));
                }
                answers.incrementAndGet();
            }
        }
        return null;
    }
}
