package io.sluice.target.admin;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of the admin socket: removes what a dead server left there, and nothing else; nobody but its user can connect,
 * not even for the moment between making it and restricting it: it is made under another name.
 */
final class AdminSocket {
    private static final Logger log = LoggerFactory.getLogger(AdminSocket.class);
    private static final String NAME_WHILE_MADE = "~";

    private AdminSocket() {}

    /** Binds; fails with a message that names the socket and says what to do. */
    static ServerSocketChannel bind(Path socket) throws IOException {
        Path made = socket.resolveSibling(socket.getFileName() + NAME_WHILE_MADE);
        try {
            if (socket.getParent() != null) {
                Files.createDirectories(socket.getParent());
            }
            removeLeftover(socket);
            removeLeftover(made);
            return bind(made, socket);
        } catch (AdminSocketException known) {
            throw known;
        } catch (IOException | IllegalArgumentException failure) {
            throw new AdminSocketException(
                    "the admin socket " + socket + " cannot be made: " + failure
                            + "; let the server's user write into its directory, or choose another path (of less than"
                            + " 100 bytes) with admin-socket",
                    failure);
        }
    }

    private static ServerSocketChannel bind(Path made, Path socket) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(made));
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, socket, StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    private static void removeLeftover(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes attributes =
                Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isOther()) {
            throw new AdminSocketException(
                    "the admin socket " + socket
                            + " cannot be made: there is something else of this name, which was not"
                            + " touched; move it away, or choose another path with admin-socket",
                    null);
        }
        if (isAnswered(socket)) {
            throw new AdminSocketException(
                    "the admin socket " + socket + " is in use: a server with this configuration is running; stop it"
                            + " first (\"sluice status\" shows it), or give this one an admin-socket of its own",
                    null);
        }
        Files.delete(socket);
        log.info("removed the socket {}, which a server left that did not end in order", socket);
    }

    /** Only a refusal says that nobody is there. */
    private static boolean isAnswered(Path socket) throws IOException {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return probe.isConnected();
        } catch (ConnectException nobody) {
            log.debug("nobody answers on the socket {}", socket, nobody);
            return false;
        }
    }
}
