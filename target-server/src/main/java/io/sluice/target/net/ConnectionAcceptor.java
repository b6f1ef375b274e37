package io.sluice.target.net;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Decides about a new connection. Thread-safe; must not block. */
public interface ConnectionAcceptor {
    /** Called on the portal's loop before anything is spent on it: null when it may come in, otherwise why not. */
    @Nullable
    String refusal(InetAddress remoteAddress);

    /** Called on the connection's loop: the protocol for it. */
    ConnectionHandler accepted(Connection connection);

    /** The connection that {@link #refusal} let in never came to be. */
    void abandoned(InetAddress remoteAddress);
}
