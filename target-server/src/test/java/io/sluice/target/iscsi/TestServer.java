package io.sluice.target.iscsi;

import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.SessionSettings;
import io.sluice.target.iscsi.session.TargetDirectory;
import io.sluice.target.scsi.ScsiTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real server on a free port with one {@link RamDisk}; the clock is real, settings come from the test. */
public final class TestServer implements AutoCloseable {
    static final Duration BUSY_POLL_MAX = Duration.ofNanos(50_000);

    /** Its one target. */
    public static final String TARGET = "iqn.2026-11.io.sluice:test";

    private static final int BLOCKS = 32 << 10;

    private final RamDisk disk = new RamDisk(TARGET, BLOCKS);
    private final IscsiServer server;
    private volatile Doorkeeper doorkeeper = (initiator, address, target) -> Admission.open();

    /** Decides who comes in. */
    @FunctionalInterface
    public interface Doorkeeper {
        Admission admission(String initiatorName, InetAddress address, String targetName);
    }

    /** With the defaults. */
    public TestServer() throws IOException {
        this(NegotiationSettings.standard(), SessionSettings.standard());
    }

    /** Starts. */
    public TestServer(NegotiationSettings negotiation, SessionSettings session) throws IOException {
        PortalAddress portal = new PortalAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        server = new IscsiServer(
                new IscsiSettings(List.of(portal), List.of(), 2, BUSY_POLL_MAX, 64, negotiation, session),
                new OneTarget(),
                new TestClock());
        server.start();
    }

    /** From now on this decides who comes in, and what discovery shows. */
    public TestServer doorkeeper(Doorkeeper decides) {
        doorkeeper = decides;
        return this;
    }

    public RamDisk disk() {
        return disk;
    }

    public IscsiServer server() {
        return server;
    }

    public InetSocketAddress address() {
        return server.boundPortals().get(0).address();
    }

    /** Another server for the same disk, not started. */
    public IscsiServer another(IscsiSettings settings) {
        return new IscsiServer(settings, new OneTarget(), new TestClock());
    }

    /** A connected initiator. */
    public TestInitiator connect() throws IOException {
        return new TestInitiator(address());
    }

    /** An initiator that has logged in with the defaults of RFC 7143 for all keys but those given. */
    public TestInitiator logIn(String... keys) throws IOException {
        TestInitiator initiator = connect();
        initiator.login(TARGET, keys);
        return initiator;
    }

    /** Waits until something is so; fails after five seconds. */
    public static void await(String what, java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("did not happen in 5 s: " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        server.close();
    }

    /** The disk, for everybody. */
    private final class OneTarget implements TargetDirectory {
        @Override
        public @Nullable ScsiTarget find(String targetName) {
            return targetName.equals(TARGET) ? disk : null;
        }

        @Override
        public List<String> visibleTo(String initiatorName, InetAddress address) {
            Admission met = doorkeeper.admission(initiatorName, address, TARGET);
            return met.access() == Admission.Access.ALLOWED ? List.of(TARGET) : List.of();
        }

        @Override
        public Admission admission(String initiatorName, InetAddress address, String targetName) {
            boolean found = targetName.isEmpty() || targetName.equals(TARGET);
            return found
                    ? doorkeeper.admission(initiatorName, address, targetName)
                    : Admission.refused(Admission.Access.NOT_FOUND);
        }
    }
}
