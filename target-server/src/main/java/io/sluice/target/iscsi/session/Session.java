package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.login.LoginIdentity;
import io.sluice.target.net.Connection;
import io.sluice.target.scsi.NexusIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session with its one connection (ERL 0), as the registry knows it.
 *
 * <pre>
 *   admitted ──(predecessor gone)──▶ open ──connection ends──▶ gone
 *       └──────── connection ends, predecessor gone ─────────────▲
 * </pre>
 *
 * <p>Invariant: {@code gone} completes after the nexus of this session, and that of every session it replaced, is
 * closed. Thread-safe.
 */
final class Session {
    private final LoginIdentity identity;
    private final long isid;
    private final int handle;
    private final Connection connection;
    private final ConnectionPhases phases;
    private final Instant since;
    private final @Nullable Session predecessor;
    private final List<Runnable> waiting = new ArrayList<>();
    private boolean gone;
    private volatile int commandsInFlight;

    Session(
            LoginIdentity identity,
            long isid,
            int handle,
            Connection connection,
            ConnectionPhases phases,
            Instant since,
            @Nullable Session predecessor) {
        this.identity = identity;
        this.isid = isid;
        this.handle = handle;
        this.connection = connection;
        this.phases = phases;
        this.since = since;
        this.predecessor = predecessor;
    }

    LoginIdentity identity() {
        return identity;
    }

    /** TSIH. */
    int handle() {
        return handle;
    }

    NexusIdentity nexusIdentity() {
        return new NexusIdentity(identity.initiatorName(), isid, identity.targetName(), connection.portalGroupTag());
    }

    /** The session this one replaces. */
    @Nullable
    Session predecessor() {
        return predecessor;
    }

    /** Runs {@code action} when nothing of this session is left; at once when that is so already. */
    void whenGone(Runnable action) {
        synchronized (waiting) {
            if (!gone) {
                waiting.add(action);
                return;
            }
        }
        action.run();
    }

    void markGone() {
        List<Runnable> due;
        synchronized (waiting) {
            gone = true;
            due = List.copyOf(waiting);
            waiting.clear();
        }
        due.forEach(Runnable::run);
    }

    /** For operators; written by the session's loop. */
    void commandsInFlight(int count) {
        commandsInFlight = count;
    }

    /** Ends it at once; only what is already queued is still sent. */
    void drop(String reason) {
        connection.loop().execute(() -> connection.closeAfterSending(reason));
    }

    /** Asks the initiator to log out. */
    void requestLogout(Duration within) {
        connection.loop().execute(() -> phases.current().requestLogout(within));
    }

    /** Takes no more commands, finishes those that execute, and ends it. */
    void finish(String reason) {
        connection.loop().execute(() -> phases.current().finish(reason));
    }

    SessionInfo info() {
        return new SessionInfo(
                identity.initiatorName(),
                identity.targetName(),
                connection.remoteAddress(),
                isid,
                handle,
                commandsInFlight,
                connection.receivedBytes(),
                connection.sentBytes(),
                since);
    }
}
