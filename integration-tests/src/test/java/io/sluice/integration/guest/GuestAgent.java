package io.sluice.integration.guest;

import io.sluice.integration.Programs.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * This end of {@code guest-agent}: one connection per script.
 *
 * <pre>
 *   out  "LENGTH\n" script
 *   in   what the script wrote  "\n\0EXIT STATUS\n"
 * </pre>
 */
record GuestAgent(String guest, int port) {
    private static final Pattern END = Pattern.compile("\n\0EXIT (\\d+)\n$");
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(60);

    /** Runs a script; fails when it does not end in time or the guest goes away meanwhile. {@code shown} is for messages. */
    Outcome run(Duration limit, String script, String shown) throws IOException {
        long startNanos = System.nanoTime();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) CONNECT_LIMIT.toMillis());
            byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write((bytes.length + "\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(bytes);
            receive(socket, received, startNanos + limit.toNanos());
        } catch (SocketTimeoutException tooLong) {
            throw new AssertionError(
                    "guest " + guest + ": took longer than " + limit + ": " + shown + "\nso far: "
                            + received.toString(StandardCharsets.UTF_8),
                    tooLong);
        }
        String text = received.toString(StandardCharsets.UTF_8);
        Matcher end = END.matcher(text);
        if (!end.find()) {
            throw new IOException("guest " + guest + " went away during: " + shown + "\nso far: " + text);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
        return new Outcome(
                "guest " + guest + ": " + shown.strip(),
                Integer.parseInt(end.group(1)),
                text.substring(0, end.start()),
                "",
                took);
    }

    private static void receive(Socket socket, ByteArrayOutputStream received, long endNanos) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[65536];
        while (true) {
            long leftMillis = Duration.ofNanos(endNanos - System.nanoTime()).toMillis();
            if (leftMillis <= 0) {
                throw new SocketTimeoutException("limit reached");
            }
            socket.setSoTimeout((int) leftMillis);
            int count = in.read(buffer);
            if (count < 0) {
                return;
            }
            received.write(buffer, 0, count);
        }
    }
}
