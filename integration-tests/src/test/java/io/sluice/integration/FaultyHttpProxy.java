package io.sluice.integration;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP proxy on 127.0.0.1 in front of an S3 server. It passes requests and answers on, byte for byte (they are signed),
 * and does to some of them what networks and servers do: delays, errors before or after the request was done, connections
 * that break, little bandwidth. What happens to which request is drawn from a seed; as requests come in any order, a seed
 * gives the same mixture, not the same run.
 *
 * <p>One thread for each connection. Thread-safe.
 */
final class FaultyHttpProxy implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FaultyHttpProxy.class);
    private static final int PIECE_BYTES = 16 << 10;
    private static final int CONNECTIONS_WAITING = 256;
    private static final int SILENCE_MILLIS_MAX = 120_000;
    private static final int PERCENT = 100;

    private final ServerSocket listener;
    private final URI upstream;
    private final SplittableRandom random;
    private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Weather weather = Weather.FINE;
    private volatile boolean closed;
    private long lineFreeNanos = System.nanoTime();

    /** What may become of a request. */
    enum Fault {
        NONE,
        /** Answered 500; not done. */
        REFUSED_500,
        /** Answered 503 SlowDown; not done. */
        REFUSED_503,
        /** Done; answered 500. */
        DONE_500,
        /** Done; answered 503 SlowDown. */
        DONE_503,
        /** The connection breaks in the middle of the request; not done. */
        RESET_IN_REQUEST,
        /** Done; the connection breaks instead of an answer. */
        DONE_RESET,
        /** Done; the connection breaks in the middle of the answer. */
        RESET_IN_ANSWER
    }

    /**
     * What happens for now.
     *
     * @param faultsPercent of the requests
     * @param faults one of these, each as often as any other
     * @param delayMillisMax each request waits for 0 to so long
     * @param bytesPerSecond of all requests and answers together; 0 is unbounded
     */
    record Weather(int faultsPercent, List<Fault> faults, int delayMillisMax, long bytesPerSecond) {
        static final Weather FINE = new Weather(0, List.of(), 0, 0);

        static Weather of(int faultsPercent, Fault... faults) {
            return new Weather(faultsPercent, List.of(faults), 0, 0);
        }
    }

    /** A request or an answer. */
    private record Message(HttpHead head, byte[] body) {}

    private FaultyHttpProxy(ServerSocket listener, URI upstream, long seed) {
        this.listener = listener;
        this.upstream = upstream;
        this.random = new SplittableRandom(seed);
    }

    /** Listens on a port of its own; nothing happens to requests yet. */
    static FaultyHttpProxy start(URI upstream, long seed) throws IOException {
        ServerSocket listener = new ServerSocket(0, CONNECTIONS_WAITING, InetAddress.getLoopbackAddress());
        FaultyHttpProxy proxy = new FaultyHttpProxy(listener, upstream, seed);
        proxy.run("proxy-accept", proxy::accept);
        return proxy;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    void weather(Weather next) {
        weather = next;
    }

    /** How many requests met what, since the start. */
    Map<Fault, Long> counts() {
        synchronized (counts) {
            return Map.copyOf(counts);
        }
    }

    private void run(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                open.add(client);
                run("proxy-connection", () -> serve(client));
            } catch (IOException ended) {
                if (!closed) {
                    throw new AssertionError("the proxy cannot accept", ended);
                }
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setSoTimeout(SILENCE_MILLIS_MAX);
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            boolean goesOn = true;
            while (goesOn) {
                goesOn = serveOne(client, in);
            }
        } catch (IOException | InterruptedException ended) {
            log.debug("proxy: a connection ended", ended);
        } finally {
            open.remove(client);
        }
    }

    /** False when the connection is to be closed. */
    private boolean serveOne(Socket client, InputStream in) throws IOException, InterruptedException {
        HttpHead head = HttpHead.readFrom(in);
        if (head == null) {
            return false;
        }
        Weather now = weather;
        Fault fault = draw(now);
        if (!head.header("expect").isEmpty()) {
            client.getOutputStream().write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
            head = head.without("expect");
        }
        if (fault == Fault.RESET_IN_REQUEST) {
            read(in, lengthOf(head) / 2, now);
            return reset(client);
        }
        Message request = new Message(head, readBody(head, in, false, now));
        Message answer = isDone(fault) ? forward(request) : null;
        return answer(client, fault, answer, now);
    }

    private static boolean isDone(Fault fault) {
        return switch (fault) {
            case NONE, DONE_500, DONE_503, DONE_RESET, RESET_IN_ANSWER -> true;
            case REFUSED_500, REFUSED_503, RESET_IN_REQUEST -> false;
        };
    }

    private boolean answer(Socket client, Fault fault, @Nullable Message answer, Weather now)
            throws IOException, InterruptedException {
        OutputStream out = client.getOutputStream();
        switch (fault) {
            case REFUSED_500, DONE_500 -> out.write(error("500 Internal Server Error", "InternalError"));
            case REFUSED_503, DONE_503 -> out.write(error("503 Slow Down", "SlowDown"));
            case DONE_RESET, RESET_IN_REQUEST -> {
                return reset(client);
            }
            case NONE, RESET_IN_ANSWER -> {
                if (answer == null) {
                    return reset(client);
                }
                answer.head.writeTo(out);
                int length = fault == Fault.NONE ? answer.body.length : answer.body.length / 2;
                write(out, answer.body, length, now);
                if (fault == Fault.RESET_IN_ANSWER) {
                    return reset(client);
                }
                out.flush();
                return !answer.head.endsConnection();
            }
        }
        out.flush();
        return true;
    }

    private static boolean reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
        return false;
    }

    private Fault draw(Weather now) throws InterruptedException {
        Fault fault;
        int delayMillis;
        synchronized (counts) {
            boolean hits = !now.faults.isEmpty() && random.nextInt(PERCENT) < now.faultsPercent;
            fault = hits ? now.faults.get(random.nextInt(now.faults.size())) : Fault.NONE;
            delayMillis = now.delayMillisMax == 0 ? 0 : random.nextInt(now.delayMillisMax);
            counts.merge(fault, 1L, Long::sum);
        }
        Thread.sleep(delayMillis);
        return fault;
    }

    /** Null when the server does not answer. */
    private @Nullable Message forward(Message request) throws IOException, InterruptedException {
        try (Socket server = new Socket(upstream.getHost(), upstream.getPort())) {
            server.setSoTimeout(SILENCE_MILLIS_MAX);
            OutputStream out = server.getOutputStream();
            request.head.writeTo(out);
            out.write(request.body);
            out.flush();
            InputStream in = new BufferedInputStream(server.getInputStream());
            HttpHead head = HttpHead.readFrom(in);
            while (head != null && head.firstLine().contains(" 100 ")) {
                head = HttpHead.readFrom(in);
            }
            if (head == null) {
                return null;
            }
            boolean bodiless = request.head.firstLine().startsWith("HEAD ");
            return new Message(head, bodiless ? new byte[0] : readBody(head, in, true, Weather.FINE));
        } catch (java.net.ConnectException nobody) {
            return null;
        }
    }

    private static byte[] error(String status, String code) {
        String body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code><Message>" + status
                + "</Message></Error>";
        return ascii("HTTP/1.1 " + status + "\r\nContent-Type: application/xml\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int lengthOf(HttpHead head) {
        String length = head.header("content-length");
        return length.isEmpty() ? 0 : Integer.parseInt(length);
    }

    /** The body as it stands on the wire, chunk sizes included. */
    private byte[] readBody(HttpHead head, InputStream in, boolean untilEnd, Weather now)
            throws IOException, InterruptedException {
        if (head.isChunked()) {
            return readChunks(in);
        }
        if (!head.header("content-length").isEmpty()) {
            return read(in, lengthOf(head), now);
        }
        return untilEnd && head.goesOnUntilEnd() ? in.readAllBytes() : new byte[0];
    }

    private static byte[] readChunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int length = -1;
        while (length != 0) {
            String size = readLine(in, body);
            length = Integer.parseInt(size.split(";", 2)[0].strip(), 16);
            byte[] chunk = in.readNBytes(length);
            body.write(chunk);
            readLine(in, body);
        }
        return body.toByteArray();
    }

    private static String readLine(InputStream in, ByteArrayOutputStream copy) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = 0;
        while (next != '\n') {
            next = in.read();
            if (next < 0) {
                throw new EOFException("a line without an end");
            }
            copy.write(next);
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private byte[] read(InputStream in, int length, Weather now) throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(length);
        while (body.size() < length) {
            byte[] piece = in.readNBytes(Math.min(PIECE_BYTES, length - body.size()));
            if (piece.length == 0) {
                throw new EOFException("a body without an end");
            }
            takeTurn(piece.length, now);
            body.write(piece);
        }
        return body.toByteArray();
    }

    private void write(OutputStream out, byte[] body, int length, Weather now)
            throws IOException, InterruptedException {
        for (int from = 0; from < length; from += PIECE_BYTES) {
            int piece = Math.min(PIECE_BYTES, length - from);
            takeTurn(piece, now);
            out.write(body, from, piece);
        }
    }

    /** Waits until the line has carried so many bytes more. */
    private void takeTurn(int bytes, Weather now) throws InterruptedException {
        if (now.bytesPerSecond == 0) {
            return;
        }
        long waitNanos;
        synchronized (this) {
            long begins = Math.max(System.nanoTime(), lineFreeNanos);
            lineFreeNanos = begins + bytes * 1_000_000_000L / now.bytesPerSecond;
            waitNanos = lineFreeNanos - System.nanoTime();
        }
        if (waitNanos > 0) {
            Thread.sleep(waitNanos / 1_000_000, (int) (waitNanos % 1_000_000));
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        for (Socket each : open) {
            each.close();
        }
    }
}
