package io.sluice.target.admin;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions on a local (Unix domain) socket: one request line, the name of a question and, for those that take
 * long, words behind it; one answer, a JSON object on one line; then the connection ends. What cannot be answered is answered with {@code {"error": ...}}. Only the
 * server's own user may connect (mode 600).
 *
 * <p>One thread serves one connection after another; each connection has a deadline, so that a client that says nothing,
 * or does not read its answer, holds up the others no longer than that. Questions that take long have threads of their
 * own. A question that fails fails alone.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
    private static final int REQUEST_BYTES_MAX = 4096;
    private static final Duration CONNECTION_TIME = Duration.ofSeconds(2);
    private static final long PAUSE_NANOS = 100_000_000;

    private final Path socket;
    private final Duration connectionTime;
    private final Map<String, Supplier<Map<String, ?>>> questions = new TreeMap<>();
    private final LongQuestions longQuestions;
    private final ServerSocketChannel channel;
    private final Thread thread;

    private AdminServer(
            Path socket,
            Duration connectionTime,
            Map<String, Supplier<Map<String, ?>>> questions,
            Map<String, AdminQuestion> longQuestions)
            throws IOException {
        this.socket = socket;
        this.connectionTime = connectionTime;
        this.questions.putAll(questions);
        this.longQuestions = new LongQuestions(longQuestions);
        this.channel = AdminSocket.bind(socket);
        this.thread = new Thread(this::serve, "sluice-admin");
        this.thread.setDaemon(true);
    }

    /**
     * Binds and begins to answer; fails with a message that names the socket.
     *
     * @param questions answered at once
     * @param longQuestions that may take long
     */
    public static AdminServer start(
            Path socket, Map<String, Supplier<Map<String, ?>>> questions, Map<String, AdminQuestion> longQuestions)
            throws IOException {
        return start(socket, CONNECTION_TIME, questions, longQuestions);
    }

    /** The same with another time that a connection may take. */
    static AdminServer start(
            Path socket,
            Duration connectionTime,
            Map<String, Supplier<Map<String, ?>>> questions,
            Map<String, AdminQuestion> longQuestions)
            throws IOException {
        AdminServer server = new AdminServer(socket, connectionTime, questions, longQuestions);
        server.thread.start();
        return server;
    }

    private void serve() {
        while (channel.isOpen()) {
            try {
                serve(new TimedConnection(channel.accept(), connectionTime));
            } catch (AsynchronousCloseException closing) {
                return;
            } catch (IOException failure) {
                log.debug("an administration request failed", failure);
                pauseAfterFailure();
            }
        }
    }

    private void serve(TimedConnection client) throws IOException {
        boolean takenOver = false;
        try {
            takenOver = answer(client);
        } finally {
            if (!takenOver) {
                client.close();
            }
        }
    }

    /** Out of file descriptors, for example: not again and again without end. */
    private void pauseAfterFailure() {
        if (channel.isOpen()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** True when somebody else answers and closes the connection. */
    private boolean answer(TimedConnection client) throws IOException {
        String question;
        try {
            question = client.readLine(REQUEST_BYTES_MAX);
        } catch (TimedConnection.LineTooLongException tooLong) {
            log.warn("an administration request was longer than {} bytes", REQUEST_BYTES_MAX);
            client.writeLine(Json.line(Map.of("error", String.valueOf(tooLong.getMessage()))));
            return false;
        }
        if (longQuestions.take(List.of(question.split(" ", -1)), client)) {
            return true;
        }
        String answer = answerTo(questions.get(question));
        client.restart();
        client.writeLine(answer);
        return false;
    }

    private String answerTo(@Nullable Supplier<Map<String, ?>> answer) {
        if (answer == null) {
            List<String> known = new ArrayList<>(questions.keySet());
            known.addAll(longQuestions.names());
            return Json.line(Map.of("error", "unknown question", "known", known));
        }
        try {
            return Json.line(answer.get());
        } catch (RuntimeException failure) {
            log.error("an administration request could not be answered", failure);
            return Json.line(Map.of("error", "the server could not answer; its log says why"));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(socket);
    }
}
