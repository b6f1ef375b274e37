package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.EngineClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Bounds of one connection. */
final class ConnectionTest {
    private static final int BYTES_MAX = 1 << 20;

    @Test
    void lessMayWaitForAPeerThatHasNotLoggedInThanForOneThatHas() throws Exception {
        EngineClock clock = new EngineClock() {
            @Override
            public long monotonicNanos() {
                return 0;
            }

            @Override
            public Instant wallTime() {
                return Instant.EPOCH;
            }
        };
        try (EventLoop loop = new EventLoop(
                        "loop under test", clock, new LoopMemory(1024, 1024, 0), Duration.ZERO, new PollPermits(0));
                ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel peer = SocketChannel.open(listener.getLocalAddress());
                    SocketChannel accepted = listener.accept()) {
                CompletableFuture<boolean[]> congested = new CompletableFuture<>();
                loop.execute(() -> congested.complete(congestion(loop, accepted)));
                boolean[] seen = congested.get(5, TimeUnit.SECONDS);
                assertTrue(peer.isConnected());
                assertTrue(seen[0], "before the login");
                assertFalse(seen[1], "after it");
            }
        }
    }

    private static boolean[] congestion(EventLoop loop, SocketChannel channel) {
        try {
            Connection connection = new Connection(loop, channel, 1, BYTES_MAX);
            connection.send(ByteBuffer.allocate(BYTES_MAX / 2), null);
            boolean before = connection.isCongested();
            connection.growReceiveBuffer();
            boolean after = connection.isCongested();
            connection.close("the test is over");
            return new boolean[] {before, after};
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
