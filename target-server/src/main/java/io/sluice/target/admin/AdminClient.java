package io.sluice.target.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Asks a running server. */
public final class AdminClient {
    private AdminClient() {}

    /** The answer to {@code question}; fails with a message for the operator when no server answers. */
    public static Map<String, Object> ask(Path socket, String question) throws IOException {
        if (!Files.exists(socket)) {
            throw new IOException("no server is running with this configuration (there is no socket " + socket + ")");
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap((question + "\n").getBytes(StandardCharsets.UTF_8)));
            return Json.parse(readAll(channel));
        } catch (ConnectException nobody) {
            throw new IOException(
                    "no server answers on the socket " + socket + ": it has ended without cleaning up", nobody);
        }
    }

    private static String readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return all.toString(StandardCharsets.UTF_8);
    }
}
