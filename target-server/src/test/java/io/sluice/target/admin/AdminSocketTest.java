package io.sluice.target.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminSocketTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Map<String, Supplier<Map<String, ?>>> QUESTIONS = Map.of(
            "status",
            () -> Map.of("answer", 42, "list", List.of(Map.of("a/b", 1))),
            "large",
            () -> Map.of("text", "x".repeat(3 << 20)),
            "broken",
            () -> {
                throw new IllegalStateException("a bug");
            });

    private static final Map<String, AdminQuestion> LONG = Map.of(
            "slow",
            words -> {
                Thread.sleep(4 * SHORT.toMillis());
                return Map.of("words", words);
            },
            "broken-slow",
            words -> {
                throw new IllegalStateException("a bug");
            });

    private Path directory;

    private Path socket;

    @BeforeEach
    void nameTheSocket(@TempDir Path temporary) {
        directory = temporary;
        socket = directory.resolve("run/admin.sock");
    }

    private AdminServer start() throws IOException {
        return AdminServer.start(socket, SHORT, QUESTIONS, LONG);
    }

    @Test
    void aQuestionIsAnswered() throws IOException {
        AdminServer server = start();
        try (server) {
            Map<String, Object> answer = AdminClient.ask(socket, "status");
            assertEquals(42, answer.get("answer"));
            assertEquals(List.of(Map.of("a/b", 1)), answer.get("list"));
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void aLargeAnswerArrivesWhole() throws IOException {
        try (AdminServer server = AdminServer.start(socket, QUESTIONS, LONG)) {
            Map<String, Object> answer = AdminClient.ask(socket, "large");
            assertEquals(3 << 20, String.valueOf(answer.get("text")).length());
            assertAnswers(server);
        }
    }

    @Test
    void anUnknownQuestionIsAnErrorWithTheKnownOnes() throws IOException {
        try (AdminServer server = start()) {
            String answer = raw("nonsense\n");
            assertTrue(answer.contains("\"error\":\"unknown question\""), answer);
            assertTrue(answer.contains("\"status\""), answer);
            IOException told = assertThrows(IOException.class, () -> AdminClient.ask(socket, "nonsense"));
            assertTrue(told.toString().contains("unknown question"), told.toString());
            assertAnswers(server);
        }
    }

    @Test
    void aQuestionThatFailsFailsAlone() throws IOException {
        try (AdminServer server = start()) {
            IOException told = assertThrows(IOException.class, () -> AdminClient.ask(socket, "broken"));
            assertTrue(told.toString().contains("its log says why"), told.toString());
            assertAnswers(server);
        }
    }

    @Test
    void aSlowAnswerHoldsUpNobodyAndIsNotCutOff() throws Exception {
        try (AdminServer server = start();
                SocketChannel slow = connect()) {
            slow.write(StandardCharsets.UTF_8.encode("slow one two\n"));
            long startNanos = System.nanoTime();
            assertAnswers(server);
            assertTrue(System.nanoTime() - startNanos < SHORT.toNanos() * 3, "the quick one waited");
            ByteBuffer answer = ByteBuffer.allocate(1000);
            while (slow.read(answer) >= 0) {
                Thread.onSpinWait();
            }
            assertEquals(
                    "{\"words\":[\"one\",\"two\"]}\n",
                    StandardCharsets.UTF_8.decode(answer.flip()).toString());
        }
    }

    @Test
    void aSlowQuestionThatFailsFailsAloneAndManyAreRefused() throws Exception {
        try (AdminServer server = start()) {
            IOException told = assertThrows(IOException.class, () -> AdminClient.ask(socket, "broken-slow"));
            assertTrue(told.toString().contains("its log says why"), told.toString());
            List<SocketChannel> asking = new java.util.ArrayList<>();
            for (int i = 0; i < 8; i++) {
                asking.add(connect());
                asking.get(i).write(StandardCharsets.UTF_8.encode("slow\n"));
            }
            assertAnswers(server);
            IOException refused = assertThrows(IOException.class, () -> AdminClient.ask(socket, "slow"));
            assertTrue(refused.toString().contains("are being answered already"), refused.toString());
            for (SocketChannel channel : asking) {
                channel.close();
            }
            assertAnswers(server);
        }
    }

    @Test
    void aSilentClientDoesNotHoldUpTheNextForLong() throws IOException {
        try (AdminServer server = start();
                SocketChannel silent = connect()) {
            assertTrue(silent.isConnected());
            assertAnswers(server);
        }
    }

    @Test
    void aClientThatDoesNotReadDoesNotHoldUpTheNextForLong() throws IOException {
        try (AdminServer server = start();
                SocketChannel deaf = connect()) {
            deaf.write(StandardCharsets.UTF_8.encode("large\n"));
            assertAnswers(server);
        }
    }

    @Test
    void anOversizeRequestIsRefused() throws IOException {
        try (AdminServer server = start()) {
            String answer = raw("s".repeat(5000));
            assertTrue(answer.contains("longer than 4096 bytes"), answer);
            assertAnswers(server);
        }
    }

    @Test
    void onlyTheServersUserMayConnect() throws IOException {
        try (AdminServer server = start()) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertAnswers(server);
        }
    }

    @Test
    void aSocketThatADeadServerLeftIsReplaced() throws IOException {
        Files.createDirectories(socket.getParent());
        leaveSocket(socket);
        leaveSocket(socket.resolveSibling("admin.sock~"));
        IOException dead = assertThrows(IOException.class, () -> AdminClient.ask(socket, "status"));
        assertTrue(dead.toString().contains("ended without cleaning up"), dead.toString());
        try (AdminServer server = start()) {
            assertAnswers(server);
        }
    }

    private static void leaveSocket(Path path) throws IOException {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertTrue(Files.exists(path));
    }

    @Test
    void aSecondServerIsRefusedAndTheFirstGoesOn() throws IOException {
        try (AdminServer server = start()) {
            IOException told = assertThrows(IOException.class, this::start);
            assertTrue(told.toString().contains(socket + " is in use: a server with this configuration is running"));
            assertAnswers(server);
        }
    }

    @Test
    void aFileOfThatNameIsNeverDeleted() throws IOException {
        Files.createDirectories(socket.getParent());
        Files.writeString(socket, "precious");
        IOException told = assertThrows(IOException.class, this::start);
        assertTrue(told.toString().contains("something else of this name"), told.toString());
        assertEquals("precious", Files.readString(socket));
    }

    @Test
    void aPathThatIsTooLongIsToldWithTheRemedy() {
        socket = directory.resolve("d".repeat(120)).resolve("admin.sock");
        IOException told = assertThrows(IOException.class, this::start);
        assertTrue(told.toString().contains("choose another path (of less than 100 bytes)"), told.toString());
    }

    @Test
    void aServerThatDoesNotAnswerIsNotWaitedForForever() throws IOException {
        Files.createDirectories(socket.getParent());
        try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            hanging.bind(UnixDomainSocketAddress.of(socket));
            IOException told = assertThrows(IOException.class, () -> AdminClient.ask(socket, "status", SHORT));
            assertTrue(told.toString().contains("did not answer within 300 ms"), told.toString());
        }
    }

    @Test
    void anAnswerThatEndsEarlyIsNoAnswer() throws Exception {
        assertToldOnHangUp("", "without an answer");
        Files.delete(socket);
        assertToldOnHangUp("{\"luns\":[{\"lun", "in the middle of its answer");
    }

    private void assertToldOnHangUp(String answer, String message) throws Exception {
        Files.createDirectories(socket.getParent());
        try (ServerSocketChannel rude = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            rude.bind(UnixDomainSocketAddress.of(socket));
            Thread server = new Thread(() -> readAndHangUp(rude, answer), "rude");
            server.start();
            IOException told = assertThrows(IOException.class, () -> AdminClient.ask(socket, "status"));
            server.join();
            assertTrue(told.toString().contains(message), told.toString());
        }
    }

    private static void readAndHangUp(ServerSocketChannel rude, String answer) {
        try (SocketChannel client = rude.accept()) {
            client.read(ByteBuffer.allocate(100));
            client.write(StandardCharsets.UTF_8.encode(answer));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void anAnswerCannotIncludeFiles() {
        assertThrows(IllegalArgumentException.class, () -> Json.parse("include \"/etc/hostname\""));
        assertThrows(IllegalArgumentException.class, () -> Json.parse("{\"a\": "));
    }

    private void assertAnswers(AutoCloseable server) throws IOException {
        assertNotNull(server);
        assertEquals(42, AdminClient.ask(socket, "status").get("answer"));
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private String raw(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            channel.write(StandardCharsets.UTF_8.encode(request));
            ByteBuffer buffer = ByteBuffer.allocate(10_000);
            while (channel.read(buffer) >= 0 && buffer.hasRemaining()) {
                Thread.onSpinWait();
            }
            return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
        }
    }
}
