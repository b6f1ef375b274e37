package io.sluice.target.admin;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Asks a running server. */
public final class AdminClient {
    private static final int ANSWER_BYTES_MAX = 16 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private AdminClient() {}

    /** Whether there is a socket at all: without one no server of this configuration is running. */
    public static boolean mayAnswer(Path socket) {
        return Files.exists(socket);
    }

    /** The answer to {@code question}; fails with a message for the operator when no server answers. */
    public static Map<String, Object> ask(Path socket, String question) throws IOException {
        return ask(socket, question, PATIENCE);
    }

    /** The same for a question that takes long: waits up to {@code patience} for the answer. */
    public static Map<String, Object> ask(Path socket, String question, Duration patience) throws IOException {
        if (!mayAnswer(socket)) {
            throw new NoServerException(
                    "no server is running with this configuration: there is no socket " + socket, null);
        }
        String answer = exchange(socket, question, patience);
        if (!answer.endsWith("}")) {
            throw new AdminSocketException(
                    "the server on the socket " + socket + " ended the connection "
                            + (answer.isEmpty() ? "without an answer" : "in the middle of its answer")
                            + "; it is ending or very busy, ask again",
                    null);
        }
        return understand(socket, answer);
    }

    /** Nobody is there to answer. */
    public static final class NoServerException extends IOException {
        private static final long serialVersionUID = 1L;

        NoServerException(String message, @org.jspecify.annotations.Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private static String exchange(Path socket, String question, Duration patience) throws IOException {
        try (TimedConnection connection =
                new TimedConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)), patience)) {
            connection.writeLine(question);
            return connection.readLine(ANSWER_BYTES_MAX);
        } catch (ConnectException nobody) {
            throw new NoServerException(
                    "no server answers on the socket " + socket + ": it has ended without cleaning up; start it again",
                    nobody);
        } catch (SocketTimeoutException silent) {
            throw new AdminSocketException(
                    "the server on the socket " + socket + " did not answer within " + patience.toMillis()
                            + " ms: it is very busy or hangs; its log may say more",
                    silent);
        } catch (IOException failure) {
            throw new AdminSocketException(
                    "the server cannot be asked on the socket " + socket + ": " + failure
                            + "; only the user that runs the server, and root, may ask",
                    failure);
        }
    }

    private static Map<String, Object> understand(Path socket, String answer) throws IOException {
        Map<String, Object> fields;
        try {
            fields = Json.parse(answer);
        } catch (IllegalArgumentException notJson) {
            throw new AdminSocketException(
                    "what answers on the socket " + socket + " is no Sluice server, or one of another version",
                    notJson);
        }
        if (fields.get("error") instanceof String error) {
            throw new AdminSocketException("the server on the socket " + socket + " answered: " + error, null);
        }
        return fields;
    }
}
