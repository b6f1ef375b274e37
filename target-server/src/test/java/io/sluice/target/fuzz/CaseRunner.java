package io.sluice.target.fuzz;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Runs cases against a portal; nothing of an attacker is left afterwards. */
final class CaseRunner {
    private static final long AWAIT_MILLIS = 60;

    private final InetSocketAddress portal;
    private final int commandWindow;
    private long answers;

    CaseRunner(InetSocketAddress portal, int commandWindow) {
        this.portal = portal;
        this.commandWindow = commandWindow;
    }

    /** All PDUs that were received so far and checked. */
    long answers() {
        return answers;
    }

    /** Runs all actions; what was wrong with the answers, if anything. */
    Optional<String> run(FuzzCase one) throws IOException {
        Map<Integer, AttackConnection> connections = new HashMap<>();
        Optional<String> complaint = Optional.empty();
        try {
            for (FuzzCase.Action action : one.actions()) {
                complaint = complaint.or(() -> carryOut(action, connections));
            }
        } finally {
            for (AttackConnection connection : connections.values()) {
                answers += connection.checker().pdus();
                complaint = complaint.or(connection.checker()::complaint);
                connection.close();
            }
        }
        return complaint;
    }

    private Optional<String> carryOut(FuzzCase.Action action, Map<Integer, AttackConnection> connections) {
        AttackConnection connection = connections.get(action.connection());
        try {
            if (action.kind() == FuzzCase.Kind.CONNECT) {
                AttackConnection before =
                        connections.put(action.connection(), new AttackConnection(portal, commandWindow));
                return before == null ? Optional.empty() : close(before);
            }
            return connection == null ? Optional.empty() : carryOut(action, connection);
        } catch (IOException e) {
            // The target ended the connection: that is its right, and it is seen by whoever should not be hit.
            return connection == null ? Optional.empty() : connection.checker().complaint();
        }
    }

    private Optional<String> close(AttackConnection connection) throws IOException {
        answers += connection.checker().pdus();
        connection.close();
        return connection.checker().complaint();
    }

    private static Optional<String> carryOut(FuzzCase.Action action, AttackConnection connection) throws IOException {
        switch (action.kind()) {
            case SEND -> connection.send(action.bytes(), action.number());
            case AWAIT -> connection.await(action.number(), AWAIT_MILLIS);
            case DEAF -> connection.goDeaf();
            case PAUSE -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(action.number()));
            case FINISH -> {
                if (!connection.finish()) {
                    return Optional.of("the target did not end a connection that the initiator had ended");
                }
            }
            case RESET -> connection.reset();
            case CONNECT -> throw new IllegalStateException("not here");
        }
        return connection.checker().complaint();
    }
}
