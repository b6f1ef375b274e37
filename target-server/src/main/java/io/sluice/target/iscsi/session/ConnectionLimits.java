package io.sluice.target.iscsi.session;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bounds connections: in all, those that have not logged in yet, and those of one address. Who comes beyond a bound is
 * still let in to be told so (status 0302), as long as there are few of them: initiators try again after a status, and
 * give up after a silent close. Thread-safe.
 *
 * <pre>
 *   admit ──▶ half open ──loggedIn──▶ logged in ──close──▶ ended
 *     │           └──────────────close──────────────────────▲
 *     ├─────▶ to be refused ─────────close──────────────────┘
 *     └─────▶ null: not even that
 * </pre>
 */
public final class ConnectionLimits {
    /** Connections at a time that are only told why they cannot stay. */
    static final int REFUSALS_MAX = 64;
    /** Of them, those of one address. */
    static final int REFUSALS_PER_ADDRESS_MAX = 4;

    private final int connectionsMax;
    private final int halfOpenMax;
    private final int halfOpenPerAddressMax;
    private final Map<InetAddress, Integer> halfOpenByAddress = new HashMap<>();
    private final Map<InetAddress, Integer> refusalsByAddress = new HashMap<>();
    private int connections;
    private int halfOpen;
    private int refusals;

    /** Nothing counted yet. */
    public ConnectionLimits(int connectionsMax, int halfOpenMax, int halfOpenPerAddressMax) {
        this.connectionsMax = connectionsMax;
        this.halfOpenMax = halfOpenMax;
        this.halfOpenPerAddressMax = halfOpenPerAddressMax;
    }

    /** Counts a new connection; null when it cannot even be told why not. */
    public synchronized @Nullable Slot admit(InetAddress address) {
        String refusal = refusal(address);
        if (refusal == null) {
            connections++;
            halfOpen++;
            halfOpenByAddress.merge(address, 1, Integer::sum);
        } else if (refusals < REFUSALS_MAX && refusalsByAddress.getOrDefault(address, 0) < REFUSALS_PER_ADDRESS_MAX) {
            refusals++;
            refusalsByAddress.merge(address, 1, Integer::sum);
        } else {
            return null;
        }
        return new Slot(address, refusal);
    }

    private @Nullable String refusal(InetAddress address) {
        if (connections >= connectionsMax) {
            return "all " + connectionsMax + " connections (limits.connections) are in use";
        }
        if (halfOpen >= halfOpenMax) {
            return halfOpen + " connections (limits.connections-before-login) have not logged in yet";
        }
        int ofAddress = halfOpenByAddress.getOrDefault(address, 0);
        return ofAddress < halfOpenPerAddressMax
                ? null
                : ofAddress + " connections from this address (limits.connections-before-login-per-address) have not"
                        + " logged in yet";
    }

    /** Connections open now, without those that are being refused. */
    public synchronized int connections() {
        return connections;
    }

    private static void decrement(Map<InetAddress, Integer> counts, InetAddress address) {
        counts.computeIfPresent(address, (key, count) -> count > 1 ? count - 1 : null);
    }

    /** The place of one connection in the counts. */
    public final class Slot implements AutoCloseable {
        private final InetAddress address;
        private final @Nullable String refusal;
        private boolean loggedIn;
        private boolean closed;

        private Slot(InetAddress address, @Nullable String refusal) {
            this.address = address;
            this.refusal = refusal;
        }

        /** Why it is to be refused; null when it may log in. */
        public @Nullable String refusal() {
            return refusal;
        }

        /** It does not count as half open any more. */
        public void loggedIn() {
            synchronized (ConnectionLimits.this) {
                if (!loggedIn && !closed && refusal == null) {
                    loggedIn = true;
                    leaveHalfOpen();
                }
            }
        }

        /** The connection ended. Idempotent. */
        @Override
        public void close() {
            synchronized (ConnectionLimits.this) {
                if (closed) {
                    return;
                }
                closed = true;
                if (refusal != null) {
                    refusals--;
                    decrement(refusalsByAddress, address);
                    return;
                }
                connections--;
                if (!loggedIn) {
                    leaveHalfOpen();
                }
            }
        }

        private void leaveHalfOpen() {
            halfOpen--;
            decrement(halfOpenByAddress, address);
        }
    }
}
