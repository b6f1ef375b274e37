package io.sluice.target.net;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Decides about a new connection. Thread-safe; must not block. */
public interface ConnectionAcceptor {
    /** Called on the portal's loop before anything is spent on it: null closes it at once. */
    @Nullable
    Admitted admit(InetAddress remoteAddress);

    /** A connection that is let in. */
    interface Admitted {
        /** Called on the connection's loop: the protocol for it. */
        ConnectionHandler accepted(Connection connection);

        /** The connection never came to be. */
        void abandoned();
    }
}
