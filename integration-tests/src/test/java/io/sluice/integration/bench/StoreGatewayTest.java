package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class StoreGatewayTest {
    private static final byte[] OBJECT = new byte[700_001];

    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private HttpServer server;
    private StoreGateway gateway;
    private HttpClient client;

    StoreGatewayTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        gateway = StoreGateway.start(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (int i = 0; i < OBJECT.length; i++) {
            OBJECT[i] = (byte) (i * 31);
        }
    }

    @BeforeEach
    void start() {
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() throws IOException {
        gateway.close();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (exchange.getRequestMethod().equals("PUT")) {
            objects.put(path, exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
        } else {
            byte[] found = objects.getOrDefault(path, new byte[0]);
            // 0 means chunks of unknown length.
            exchange.sendResponseHeaders(200, path.endsWith("chunked") ? 0 : found.length == 0 ? -1 : found.length);
            if (found.length > 0) {
                exchange.getResponseBody().write(found);
            }
        }
        exchange.close();
    }

    @Test
    void bytesPassUnchangedAndAreCountedByKind() throws IOException, InterruptedException {
        send(request("/bucket/one").PUT(BodyPublishers.ofByteArray(OBJECT)).build());
        send(request("/bucket/chunked")
                .PUT(BodyPublishers.ofByteArray(OBJECT))
                .expectContinue(true)
                .build());
        assertArrayEquals(OBJECT, send(request("/bucket/one").build()));
        assertArrayEquals(OBJECT, send(request("/bucket/chunked").build()));
        send(request("/bucket?list-type=2").build());
        StoreTraffic traffic = awaitRequests(5);
        assertEquals(Map.of("PUT", 2L, "GET", 2L, "LIST", 1L), traffic.requests());
        assertEquals(2L * OBJECT.length, traffic.totalSentBytes());
        assertEquals(2L * OBJECT.length, traffic.receivedBytes().get("GET"));
        assertEquals(StoreTraffic.NONE, traffic.since(traffic));
    }

    /** A request is counted when its answer has gone. */
    private StoreTraffic awaitRequests(long count) throws InterruptedException {
        StoreTraffic traffic = gateway.traffic();
        for (int attempt = 0; attempt < 1000 && traffic.totalRequests() < count; attempt++) {
            Thread.sleep(10);
            traffic = gateway.traffic();
        }
        return traffic;
    }

    @Test
    void putsWaitWhileTheyAreHeld() throws Exception {
        gateway.holdPuts(true);
        var held = client.sendAsync(
                request("/bucket/one").PUT(BodyPublishers.ofByteArray(OBJECT)).build(), BodyHandlers.ofByteArray());
        send(request("/bucket/none").build());
        assertFalse(held.isDone());
        assertTrue(objects.isEmpty());
        gateway.holdPuts(false);
        assertEquals(200, held.get().statusCode());
        assertArrayEquals(OBJECT, objects.get("/bucket/one"));
    }

    /** Each by itself: the first one of a client may take long without a delay. */
    @Test
    void everyRequestWaitsAsLongAsAsked() throws IOException, InterruptedException {
        HttpRequest read = request("/bucket/none").build();
        HttpRequest write =
                request("/bucket/one").PUT(BodyPublishers.ofByteArray(OBJECT)).build();
        send(read);
        send(write);
        gateway.latencyMillis(200);
        for (HttpRequest each : new HttpRequest[] {read, write, read}) {
            long beginNanos = System.nanoTime();
            send(each);
            long millis = (System.nanoTime() - beginNanos) / 1_000_000;
            assertTrue(millis >= 200, () -> each + " waited " + millis + " ms");
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(gateway.endpoint().resolve(path));
    }

    private byte[] send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofByteArray()).body();
    }
}
