package io.sluice.target.iscsi;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.target.iscsi.session.ConnectionLimits;
import io.sluice.target.iscsi.session.IscsiConnection;
import io.sluice.target.iscsi.session.LoginLedger;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.ServerContext;
import io.sluice.target.iscsi.session.SessionInfo;
import io.sluice.target.iscsi.session.SessionRegistry;
import io.sluice.target.iscsi.session.SessionSettings;
import io.sluice.target.iscsi.session.TargetDirectory;
import io.sluice.target.net.Connection;
import io.sluice.target.net.ConnectionAcceptor;
import io.sluice.target.net.ConnectionHandler;
import io.sluice.target.net.EventLoop;
import io.sluice.target.net.EventLoopGroup;
import io.sluice.target.net.LoopMemory;
import io.sluice.target.net.MemoryBudget;
import io.sluice.target.net.PollPermits;
import io.sluice.target.net.Portal;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The iSCSI server: portals, loops, sessions.
 *
 * <pre>
 *   new ──start──▶ serving ──stop──▶ logging out ──▶ finishing commands ──▶ stopped
 * </pre>
 */
public final class IscsiServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IscsiServer.class);

    private final IscsiSettings settings;
    private final EngineClock clock;
    private final SessionRegistry registry;
    private final ServerContext context;
    private final List<Portal> portals = new CopyOnWriteArrayList<>();
    private final PollPermits pollPermits =
            PollPermits.forProcessors(Runtime.getRuntime().availableProcessors());
    private @Nullable EventLoopGroup loops;

    /** Binds nothing yet. */
    public IscsiServer(IscsiSettings settings, TargetDirectory targets, EngineClock clock) {
        this.settings = settings;
        this.clock = clock;
        this.registry = new SessionRegistry(clock, settings.sessionsMax());
        SessionSettings session = settings.session();
        this.context = new ServerContext(
                settings.negotiation(),
                session,
                targets,
                registry,
                new ConnectionLimits(session.connectionsMax(), session.halfOpenMax(), session.halfOpenPerAddressMax()),
                new LoginLedger(clock),
                new MemoryBudget(session.serverMemoryBytesMax(), null),
                this::advertisedPortals);
    }

    /**
     * Binds all portals and serves. Throws {@link java.net.BindException} naming the address when one cannot be bound;
     * then nothing stays open.
     */
    public synchronized void start() throws IOException {
        EventLoopGroup group = new EventLoopGroup(settings.loops(), this::newLoop);
        loops = group;
        try {
            for (PortalAddress portal : settings.portals()) {
                portals.add(new Portal(
                        portal.address(),
                        portal.groupTag(),
                        group,
                        settings.session().sendQueueBytesMax(),
                        new Acceptor()));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        portals.forEach(Portal::start);
    }

    /** The addresses really bound, in the order of the settings. */
    public List<PortalAddress> boundPortals() {
        List<PortalAddress> bound = new ArrayList<>();
        portals.forEach(portal -> bound.add(new PortalAddress(portal.boundAddress(), portal.groupTag())));
        return bound;
    }

    /** What discovery tells: the addresses of the settings, or those really bound. */
    private List<PortalAddress> advertisedPortals() {
        return settings.advertised().isEmpty() ? boundPortals() : settings.advertised();
    }

    /** How logins ended since the start. */
    public LoginLedger logins() {
        return context.logins();
    }

    /** What goes on now. */
    public List<SessionInfo> sessions() {
        return registry.snapshot();
    }

    /**
     * Ends some sessions in an orderly way; how many. Blocks at most three times {@code grace}; not to be called on a loop.
     */
    public int endSessions(Predicate<SessionInfo> which, String reason, Duration grace) throws InterruptedException {
        return registry.end(which, reason, grace);
    }

    /** Connections open now, those that have not logged in included. */
    public int connections() {
        return context.limits().connections();
    }

    /** Bytes of data buffers in use by commands. */
    public long dataBytesInUse() {
        return context.dataBudget().bytesUsed();
    }

    /**
     * Stops in an orderly way: accepts no more, asks initiators to log out, waits at most {@code grace} for them, then
     * lets commands that execute finish and closes.
     */
    public void stop(Duration grace) {
        portals.forEach(Portal::close);
        try {
            registry.requestLogout(grace);
            if (!registry.awaitEmpty(grace)) {
                registry.finishAll("the server is stopping");
                if (!registry.awaitEmpty(settings.session().logoutTime().plusSeconds(1))) {
                    log.warn("sessions with commands that do not end are dropped: {}", registry.snapshot());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    /** Stops at once. Idempotent. */
    @Override
    public synchronized void close() {
        portals.forEach(Portal::close);
        if (loops != null) {
            loops.close();
            loops = null;
        }
    }

    private EventLoop newLoop(int index) throws IOException {
        SessionSettings session = settings.session();
        LoopMemory memory = new LoopMemory(
                session.preLoginBufferBytes(),
                session.receiveBufferBytes(),
                session.serverMemoryBytesMax() / settings.loops());
        return new EventLoop("iscsi-loop-" + index, clock, memory, settings.busyPollMax(), pollPermits);
    }

    /** Lets connections in within the limits. */
    private final class Acceptor implements ConnectionAcceptor {
        @Override
        public @Nullable Admitted admit(InetAddress remoteAddress) {
            ConnectionLimits.Slot slot = context.limits().admit(remoteAddress);
            return slot == null ? null : new Entrance(slot);
        }
    }

    /** One connection that is let in, to log in or to be told why it cannot. */
    private final class Entrance implements ConnectionAcceptor.Admitted {
        private final ConnectionLimits.Slot slot;

        private Entrance(ConnectionLimits.Slot slot) {
            this.slot = slot;
        }

        @Override
        public ConnectionHandler accepted(Connection connection) {
            return new IscsiConnection(connection, context, slot);
        }

        @Override
        public void abandoned() {
            slot.close();
        }
    }
}
