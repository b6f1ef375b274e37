package io.sluice.integration.bench;

import io.sluice.integration.HttpHead;
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
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between one peer and the S3 server: counts its requests and bytes, and delays each answer as a distant store
 * would. Passes everything on byte for byte, for requests are signed. Connections stay open, as they would without it.
 *
 * <p>One thread for each connection; the time of the JVM goes to no peer. Thread-safe.
 */
final class StoreGateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoreGateway.class);
    private static final int BUFFER_BYTES = 256 << 10;
    private static final int CONNECTIONS_WAITING = 256;

    private final ServerSocket listener;
    private final URI upstream;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> requests = new TreeMap<>();
    private final Map<String, Long> sentBytes = new TreeMap<>();
    private final Map<String, Long> receivedBytes = new TreeMap<>();
    private volatile int latencyMillis;
    private volatile boolean closed;
    private boolean holdsPuts;

    /** Both ends of one connection of the peer. */
    private record Line(InputStream client, OutputStream toClient, InputStream server, OutputStream toServer) {}

    private StoreGateway(ServerSocket listener, URI upstream) {
        this.listener = listener;
        this.upstream = upstream;
    }

    /** Listens on a port of its own, without delay. */
    static StoreGateway start(URI upstream) throws IOException {
        ServerSocket listener = new ServerSocket(0, CONNECTIONS_WAITING, InetAddress.getLoopbackAddress());
        StoreGateway gateway = new StoreGateway(listener, upstream);
        run("store-gateway-accept", gateway::accept);
        return gateway;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** From now on no answer begins earlier than so long after its request: what the server itself takes is in it. */
    void latencyMillis(int millis) {
        latencyMillis = millis;
    }

    /** PUTs wait until this is taken back; other requests go on. */
    synchronized void holdPuts(boolean holds) {
        holdsPuts = holds;
        notifyAll();
    }

    private synchronized void awaitPutsGoOn() throws InterruptedException {
        while (holdsPuts && !closed) {
            wait();
        }
    }

    /** Since the start. */
    StoreTraffic traffic() {
        synchronized (requests) {
            return new StoreTraffic(requests, sentBytes, receivedBytes);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        holdPuts(false);
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private static void run(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                open.add(client);
                run("store-gateway", () -> serve(client));
            } catch (IOException ended) {
                if (!closed) {
                    throw new IllegalStateException("the gateway to the store cannot accept", ended);
                }
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(upstream.getHost(), upstream.getPort())) {
            open.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Line line = new Line(
                    new BufferedInputStream(client.getInputStream(), BUFFER_BYTES),
                    client.getOutputStream(),
                    new BufferedInputStream(server.getInputStream(), BUFFER_BYTES),
                    server.getOutputStream());
            byte[] buffer = new byte[BUFFER_BYTES];
            boolean goesOn = true;
            while (goesOn) {
                goesOn = serveOne(line, buffer);
            }
            open.remove(server);
        } catch (IOException | InterruptedException ended) {
            log.debug("gateway: a connection ended", ended);
        } finally {
            open.remove(client);
        }
    }

    /** False when the connection is to be closed. */
    private boolean serveOne(Line line, byte[] buffer) throws IOException, InterruptedException {
        HttpHead request = HttpHead.readFrom(line.client);
        if (request == null) {
            return false;
        }
        String kind = StoreTraffic.kind(request.firstLine());
        if (kind.equals("PUT")) {
            awaitPutsGoOn();
        }
        long answerNanos = System.nanoTime() + Duration.ofMillis(latencyMillis).toNanos();
        request.writeTo(line.toServer);
        HttpHead answer = null;
        if (!request.header("expect").isEmpty()) {
            answer = HttpHead.readFrom(line.server);
            if (answer != null && answer.firstLine().contains(" 100 ")) {
                answer.writeTo(line.toClient);
                answer = null;
            }
        }
        long sent = answer == null ? passBody(request, false, line.client, line.toServer, buffer) : 0;
        if (answer == null) {
            answer = HttpHead.readFrom(line.server);
        }
        if (answer == null) {
            return false;
        }
        sleepUntil(answerNanos);
        answer.writeTo(line.toClient);
        long received = request.firstLine().startsWith("HEAD ")
                ? 0
                : passBody(answer, true, line.server, line.toClient, buffer);
        count(kind, sent, received);
        return !answer.endsConnection() && !request.endsConnection();
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }

    private void count(String kind, long sent, long received) {
        synchronized (requests) {
            requests.merge(kind, 1L, Long::sum);
            sentBytes.merge(kind, sent, Long::sum);
            receivedBytes.merge(kind, received, Long::sum);
        }
    }

    private static long passBody(HttpHead head, boolean isAnswer, InputStream in, OutputStream out, byte[] buffer)
            throws IOException {
        if (head.isChunked()) {
            return passChunks(in, out, buffer);
        }
        String length = head.header("content-length");
        if (!length.isEmpty()) {
            return pass(Long.parseLong(length), in, out, buffer);
        }
        return isAnswer && head.goesOnUntilEnd() ? in.transferTo(out) : 0;
    }

    private static long passChunks(InputStream in, OutputStream out, byte[] buffer) throws IOException {
        long sum = 0;
        long length = -1;
        while (length != 0) {
            String size = passLine(in, out);
            length = Long.parseLong(size.split(";", 2)[0].strip(), 16);
            sum += pass(length, in, out, buffer);
            passLine(in, out);
        }
        return sum;
    }

    private static String passLine(InputStream in, OutputStream out) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = 0;
        while (next != '\n') {
            next = in.read();
            if (next < 0) {
                throw new EOFException("a line without an end");
            }
            line.write(next);
        }
        line.writeTo(out);
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private static long pass(long length, InputStream in, OutputStream out, byte[] buffer) throws IOException {
        long left = length;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("a body without an end");
            }
            out.write(buffer, 0, read);
            left -= read;
        }
        return length;
    }
}
