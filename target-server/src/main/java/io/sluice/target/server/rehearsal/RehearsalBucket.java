package io.sluice.target.server.rehearsal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.storage.runtime.SuppressForbidden;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One bucket in memory behind as much of the S3 protocol as an opening and a closing of a volume use: listing, GET with or
 * without a range, PUT with or without If-None-Match, DELETE. Looks at no signature; on 127.0.0.1, for a moment.
 */
@SuppressForbidden(
        "the JDK's own HTTP server: exported and documented by its module jdk.httpserver, as the rest of the JDK")
final class RehearsalBucket implements AutoCloseable {
    /** Its name in the configuration. */
    static final String NAME = "rehearsal";

    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]+)");
    private static final String TIME = "2026-01-01T00:00:00.000Z";

    private final HttpServer server;
    private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    private RehearsalBucket(HttpServer server) {
        this.server = server;
    }

    static RehearsalBucket start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        RehearsalBucket bucket = new RehearsalBucket(server);
        server.createContext("/", bucket::answer);
        server.start();
        return bucket;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String key = exchange.getRequestURI().getPath().replaceFirst("^/" + NAME + "/?", "");
            switch (exchange.getRequestMethod()) {
                case "PUT" -> put(exchange, key, exchange.getRequestBody().readAllBytes());
                case "GET", "HEAD" -> {
                    if (key.isEmpty()) {
                        list(exchange);
                    } else {
                        get(exchange, key);
                    }
                }
                case "DELETE" -> {
                    objects.remove(key);
                    exchange.sendResponseHeaders(204, -1);
                }
                default -> fail(exchange, 501, "NotImplemented");
            }
        }
    }

    private void put(HttpExchange exchange, String key, byte[] body) throws IOException {
        boolean mustBeAbsent = exchange.getRequestHeaders().containsKey("If-None-Match");
        byte @Nullable [] present = mustBeAbsent ? objects.putIfAbsent(key, body) : objects.put(key, body);
        if (mustBeAbsent && present != null) {
            fail(exchange, 412, "PreconditionFailed");
        } else {
            exchange.getResponseHeaders().set("ETag", tag(body));
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private void get(HttpExchange exchange, String key) throws IOException {
        byte[] object = objects.get(key);
        if (object == null) {
            fail(exchange, 404, "NoSuchKey");
            return;
        }
        exchange.getResponseHeaders().set("ETag", tag(object));
        String header = exchange.getRequestHeaders().getFirst("Range");
        Matcher range = RANGE.matcher(header == null ? "" : header);
        if (range.matches() && Integer.parseInt(range.group(1)) < object.length) {
            int from = Integer.parseInt(range.group(1));
            int to = (int) Math.min(object.length - 1L, Long.parseLong(range.group(2)));
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + to + "/" + object.length);
            send(exchange, 206, Arrays.copyOfRange(object, from, to + 1));
        } else {
            send(exchange, 200, object);
        }
    }

    private void list(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        String prefix = parameter(query, "prefix");
        int limit = Integer.parseInt(parameter(query, "max-keys"));
        StringBuilder rows = new StringBuilder();
        int count = 0;
        boolean more = false;
        for (Map.Entry<String, byte[]> object :
                objects.tailMap(parameter(query, "start-after"), false).entrySet()) {
            if (object.getKey().startsWith(prefix)) {
                more = count == limit;
                if (more) {
                    break;
                }
                count++;
                rows.append("<Contents><Key>").append(object.getKey()).append("</Key><LastModified>" + TIME);
                rows.append("</LastModified><ETag>")
                        .append(tag(object.getValue()))
                        .append("</ETag><Size>");
                rows.append(object.getValue().length).append("</Size></Contents>");
            }
        }
        String body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>" + NAME + "</Name><KeyCount>"
                + count + "</KeyCount><IsTruncated>" + more + "</IsTruncated>" + rows + "</ListBucketResult>";
        sendXml(exchange, 200, body);
    }

    /** Empty when it is missing. */
    private static String parameter(String query, String name) {
        for (String part : query.split("&", -1)) {
            if (part.startsWith(name + "=")) {
                return part.substring(name.length() + 1);
            }
        }
        return "";
    }

    private static String tag(byte[] object) {
        return "\"" + Integer.toHexString(Arrays.hashCode(object)) + "\"";
    }

    private static void fail(HttpExchange exchange, int status, String code) throws IOException {
        sendXml(exchange, status, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code></Error>");
    }

    private static void sendXml(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        send(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        boolean hasBody = body.length > 0 && !isHead;
        if (isHead) {
            // The server leaves it to us. Without it the SDK waits for a body until its time is over.
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, hasBody ? body.length : -1);
        if (hasBody) {
            exchange.getResponseBody().write(body);
        }
    }
}
