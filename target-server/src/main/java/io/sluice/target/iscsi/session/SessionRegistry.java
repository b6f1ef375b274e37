package io.sluice.target.iscsi.session;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.target.iscsi.login.LoginIdentity;
import io.sluice.target.net.Connection;
import io.sluice.target.scsi.NexusIdentity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All sessions: hands out TSIHs and finds the session that a new login replaces (RFC 7143 section 6.3.5, session
 * reinstatement). Thread-safe.
 *
 * <p>Invariants: TSIHs are 1-65535 and unique among the sessions here; of normal sessions there is one per I_T nexus.
 */
public final class SessionRegistry {
    private static final int HANDLE_MAX = 0xffff;

    private final EngineClock clock;
    private final int sessionsMax;
    private final Map<Integer, Session> byHandle = new HashMap<>();
    private final Map<NexusIdentity, Session> byNexus = new HashMap<>();
    private int lastHandle;

    /** Empty. */
    public SessionRegistry(EngineClock clock, int sessionsMax) {
        this.clock = clock;
        this.sessionsMax = sessionsMax;
    }

    /** A new session in the place of one with the same nexus; null when there are too many. */
    synchronized @Nullable Session admit(
            LoginIdentity identity, long isid, Connection connection, ConnectionPhases phases) {
        NexusIdentity nexus =
                new NexusIdentity(identity.initiatorName(), isid, identity.targetName(), connection.portalGroupTag());
        Session predecessor = identity.discovery() ? null : byNexus.get(nexus);
        boolean full = byHandle.size() >= sessionsMax && predecessor == null;
        if (full || byHandle.size() >= HANDLE_MAX) {
            return null;
        }
        Session session = new Session(identity, isid, freeHandle(), connection, phases, clock.wallTime(), predecessor);
        byHandle.put(session.handle(), session);
        if (!identity.discovery()) {
            byNexus.put(nexus, session);
        }
        return session;
    }

    /** It will never be open, but the session it waited for still is: it keeps its place in line, not its TSIH. */
    synchronized void abandon(Session session) {
        byHandle.remove(session.handle(), session);
        notifyAll();
    }

    /** It is over; a successor keeps its place. */
    void remove(Session session) {
        synchronized (this) {
            byHandle.remove(session.handle(), session);
            if (!session.identity().discovery()) {
                byNexus.remove(session.nexusIdentity(), session);
            }
            notifyAll();
        }
        session.markGone();
    }

    /** Whether there is a session with this TSIH. */
    public synchronized boolean exists(int handle) {
        return byHandle.containsKey(handle);
    }

    /** What goes on now. */
    public synchronized List<SessionInfo> snapshot() {
        return byHandle.values().stream().map(Session::info).toList();
    }

    /** Asks every initiator to log out. */
    public void requestLogout(Duration within) {
        all().forEach(session -> session.requestLogout(within));
    }

    /** Lets every session finish what it executes, then ends it. */
    public void finishAll(String reason) {
        all().forEach(session -> session.finish(reason));
    }

    /** Ends all sessions of one target at once. */
    public void dropTarget(String targetName, String reason) {
        all().stream()
                .filter(session -> session.identity().targetName().equals(targetName))
                .forEach(session -> session.drop(reason));
    }

    /**
     * Ends the sessions that {@code which} accepts: asks their initiators to log out, waits for that, then lets what
     * executes finish and ends them. New ones may come meanwhile. Must not be called on a loop.
     *
     * @param grace for initiators to log out, and again for what executes; then the sessions are dropped
     * @return how many there were
     */
    public int end(Predicate<SessionInfo> which, String reason, Duration grace) throws InterruptedException {
        List<Session> ending =
                all().stream().filter(session -> which.test(session.info())).toList();
        ending.forEach(session -> session.requestLogout(grace));
        if (!awaitGone(ending, grace)) {
            ending.forEach(session -> session.finish(reason));
            if (!awaitGone(ending, grace)) {
                ending.forEach(session -> session.drop(reason));
                awaitGone(ending, grace);
            }
        }
        return ending.size();
    }

    private synchronized boolean awaitGone(List<Session> ending, Duration atMost) throws InterruptedException {
        long deadlineNanos = clock.monotonicNanos() + atMost.toNanos();
        while (ending.stream().anyMatch(session -> byHandle.get(session.handle()) == session)) {
            long leftMillis = (deadlineNanos - clock.monotonicNanos()) / 1_000_000;
            if (leftMillis <= 0) {
                return false;
            }
            wait(leftMillis);
        }
        return true;
    }

    /** Waits until there are no sessions; false when time is up. Must not be called on a loop. */
    public synchronized boolean awaitEmpty(Duration atMost) throws InterruptedException {
        long deadlineNanos = clock.monotonicNanos() + atMost.toNanos();
        while (!byHandle.isEmpty()) {
            long leftMillis = (deadlineNanos - clock.monotonicNanos()) / 1_000_000;
            if (leftMillis <= 0) {
                return false;
            }
            wait(leftMillis);
        }
        return true;
    }

    private synchronized List<Session> all() {
        return new ArrayList<>(byHandle.values());
    }

    private int freeHandle() {
        do {
            lastHandle = lastHandle == HANDLE_MAX ? 1 : lastHandle + 1;
        } while (byHandle.containsKey(lastHandle));
        return lastHandle;
    }
}
