package io.sluice.target.admin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions on a local (Unix domain) socket: one request line, the name of a question; one answer, a JSON object
 * on one line; then the connection ends. Only the server's own user may connect (mode 600).
 *
 * <p>One thread serves one connection after another; a client that says nothing is cut off when the next one waits too
 * long, because each connection has a deadline.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
    private static final int REQUEST_BYTES_MAX = 4096;
    private static final long REQUEST_MILLIS_MAX = 2000;

    private final Path socket;
    private final Map<String, Supplier<Map<String, ?>>> questions = new TreeMap<>();
    private final ServerSocketChannel channel;
    private final Thread thread;

    private AdminServer(Path socket, Map<String, Supplier<Map<String, ?>>> questions) throws IOException {
        this.socket = socket;
        this.questions.putAll(questions);
        this.channel = bind(socket);
        this.thread = new Thread(this::serve, "sluice-admin");
        this.thread.setDaemon(true);
    }

    /** Binds and begins to answer {@code questions}; fails with a message that names the socket. */
    public static AdminServer start(Path socket, Map<String, Supplier<Map<String, ?>>> questions) throws IOException {
        AdminServer server = new AdminServer(socket, questions);
        server.thread.start();
        return server;
    }

    private static ServerSocketChannel bind(Path socket) throws IOException {
        if (socket.getParent() != null) {
            Files.createDirectories(socket.getParent());
        }
        if (Files.exists(socket)) {
            if (isAnswered(socket)) {
                throw new IOException("the admin socket " + socket
                        + " is in use: another server with this configuration" + " is running");
            }
            Files.delete(socket);
        }
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            return channel;
        } catch (IOException failure) {
            channel.close();
            throw new IOException("the admin socket " + socket + " cannot be made: " + failure.getMessage(), failure);
        }
    }

    private static boolean isAnswered(Path socket) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return probe.isConnected();
        } catch (IOException left) {
            log.debug("nobody answers on the socket {}", socket, left);
            return false;
        }
    }

    private void serve() {
        while (channel.isOpen()) {
            try (SocketChannel client = channel.accept()) {
                answer(client);
            } catch (AsynchronousCloseException closing) {
                return;
            } catch (IOException failure) {
                log.debug("an administration request failed", failure);
            }
        }
    }

    private void answer(SocketChannel client) throws IOException {
        client.configureBlocking(false);
        String question = readLine(client);
        Supplier<Map<String, ?>> supplier = questions.get(question);
        Map<String, ?> answer = supplier == null
                ? Map.of("error", "unknown question", "known", java.util.List.copyOf(questions.keySet()))
                : supplier.get();
        client.configureBlocking(true);
        ByteBuffer bytes = ByteBuffer.wrap((Json.line(answer) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    private static String readLine(SocketChannel client) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(REQUEST_BYTES_MAX);
        long deadline = System.nanoTime() + REQUEST_MILLIS_MAX * 1_000_000;
        while (buffer.hasRemaining() && System.nanoTime() - deadline < 0) {
            int count = client.read(buffer);
            String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            int end = text.indexOf('\n');
            if (end >= 0 || count < 0) {
                return (end >= 0 ? text.substring(0, end) : text).strip();
            }
            if (count == 0) {
                pause();
            }
        }
        throw new IOException("no whole request line within its bounds");
    }

    private static void pause() {
        java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(socket);
    }
}
