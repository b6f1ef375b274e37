package io.sluice.target.iscsi.session;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts connections in all, and those per address that have not logged in yet. Thread-safe. */
public final class ConnectionLimits {
    private final int connectionsMax;
    private final int halfOpenPerAddressMax;
    private final Map<InetAddress, Integer> halfOpen = new HashMap<>();
    private int connections;

    /** Nothing counted yet. */
    public ConnectionLimits(int connectionsMax, int halfOpenPerAddressMax) {
        this.connectionsMax = connectionsMax;
        this.halfOpenPerAddressMax = halfOpenPerAddressMax;
    }

    /** Counts a new connection, or says why not. */
    public synchronized @Nullable String admit(InetAddress address) {
        if (connections >= connectionsMax) {
            return "all " + connectionsMax + " connections are in use";
        }
        int count = halfOpen.getOrDefault(address, 0);
        if (count >= halfOpenPerAddressMax) {
            return count + " connections from this address have not logged in yet";
        }
        halfOpen.put(address, count + 1);
        connections++;
        return null;
    }

    /** An admitted connection has logged in. */
    public synchronized void loggedIn(InetAddress address) {
        halfOpen.computeIfPresent(address, (key, count) -> count > 1 ? count - 1 : null);
    }

    /** A connection ended; {@code loggedInBefore} says whether {@link #loggedIn} was called for it. */
    public synchronized void ended(InetAddress address, boolean loggedInBefore) {
        connections--;
        if (!loggedInBefore) {
            loggedIn(address);
        }
    }

    /** Connections open now. */
    public synchronized int connections() {
        return connections;
    }
}
