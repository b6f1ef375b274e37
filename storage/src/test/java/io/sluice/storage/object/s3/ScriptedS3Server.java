package io.sluice.storage.object.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on 127.0.0.1 that gives the answers it was told, in order, and keeps what it was asked. */
final class ScriptedS3Server implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Answer> script = new ConcurrentLinkedQueue<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** What was asked. */
    record Request(String method, URI uri, Headers headers, byte[] body) {
        String header(String name) {
            return String.valueOf(headers.getFirst(name));
        }
    }

    /** {@code declaredLength} is what Content-Length says; -1: the truth, -2: no answer at all. */
    record Answer(int status, Map<String, String> headers, String body, long declaredLength) {
        static Answer of(int status, String body) {
            return new Answer(status, Map.of(), body, -1);
        }

        static Answer error(int status, String code) {
            return of(status, "<Error><Code>" + code + "</Code><Message>m</Message></Error>");
        }

        static Answer none() {
            return new Answer(0, Map.of(), "", -2);
        }
    }

    private ScriptedS3Server(HttpServer server) {
        this.server = server;
    }

    static ScriptedS3Server start() throws IOException {
        return start(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    static ScriptedS3Server start(HttpServer http) {
        ScriptedS3Server scripted = new ScriptedS3Server(http);
        http.setExecutor(scripted.threads);
        http.createContext("/", scripted::handle);
        http.start();
        return scripted;
    }

    void answer(Answer... answers) {
        script.addAll(List.of(answers));
    }

    List<Request> requests() {
        return requests;
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        requests.add(
                new Request(exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body));
        Answer answer = script.poll();
        if (answer == null) {
            answer = Answer.error(500, "NothingScripted");
        }
        if (answer.declaredLength == -2) {
            awaitClose();
            return;
        }
        byte[] content = answer.body.getBytes(StandardCharsets.UTF_8);
        answer.headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        long length = answer.declaredLength >= 0 ? answer.declaredLength : content.length;
        boolean bare = exchange.getRequestMethod().equals("HEAD") || answer.status == 204;
        exchange.sendResponseHeaders(answer.status, bare || length == 0 ? -1 : length);
        if (!bare) {
            exchange.getResponseBody().write(content);
        }
        exchange.close();
    }

    private void awaitClose() {
        try {
            closed.await();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
