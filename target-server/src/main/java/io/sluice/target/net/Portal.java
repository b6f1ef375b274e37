package io.sluice.target.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening address (RFC 7143: network portal). Accepts, deals connections out to loops; never waits for a peer. */
public final class Portal implements ReadyHandler, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Portal.class);
    private static final int BACKLOG = 256;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final EventLoopGroup loops;
    private final int groupTag;
    private final long sendQueueBytesMax;
    private final ConnectionAcceptor acceptor;
    private final ServerSocketChannel channel;
    private final InetSocketAddress boundAddress;
    private @Nullable SelectionKey key;

    /** Binds; {@link BindException} names the address and what to do. */
    public Portal(
            InetSocketAddress address,
            int groupTag,
            EventLoopGroup loops,
            long sendQueueBytesMax,
            ConnectionAcceptor acceptor)
            throws IOException {
        this.loops = loops;
        this.groupTag = groupTag;
        this.sendQueueBytesMax = sendQueueBytesMax;
        this.acceptor = acceptor;
        this.channel = ServerSocketChannel.open();
        this.boundAddress = bind(address);
    }

    /** Begins to accept. */
    public void start() {
        loops.first().execute(this::register);
    }

    /** With the port that was really taken. */
    public InetSocketAddress boundAddress() {
        return boundAddress;
    }

    public int groupTag() {
        return groupTag;
    }

    @Override
    public void ready(SelectionKey readyKey) throws IOException {
        for (SocketChannel peer = channel.accept(); peer != null; peer = channel.accept()) {
            admit(peer);
        }
    }

    /** Out of file descriptors, for example: waits a little instead of failing again and again. */
    @Override
    public void failed(Throwable failure) {
        SelectionKey registered = key;
        if (channel.isOpen() && registered != null) {
            log.warn("portal {}: accepting a connection failed: {}", boundAddress, failure.toString());
            registered.interestOps(0);
            loops.first().schedule(PAUSE, this::acceptAgain);
        }
    }

    /** Accepts no more; connections go on. Idempotent. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            log.warn("closing portal {} failed", boundAddress, e);
        }
    }

    private InetSocketAddress bind(InetSocketAddress address) throws IOException {
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, BACKLOG);
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException | RuntimeException e) {
            channel.close();
            BindException clear = new BindException("cannot listen on " + address.getHostString() + ":"
                    + address.getPort() + ": " + e.getMessage()
                    + " (is another target using the port, and does the address belong to this machine?)");
            clear.initCause(e);
            throw clear;
        }
    }

    private void register() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            key = loops.first().register(channel, SelectionKey.OP_ACCEPT, this);
        } catch (IOException e) {
            log.error("portal {} cannot accept connections", boundAddress, e);
        }
    }

    private void acceptAgain() {
        SelectionKey registered = key;
        if (registered != null && registered.isValid()) {
            registered.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    private void admit(SocketChannel peer) throws IOException {
        InetSocketAddress remote = (InetSocketAddress) peer.getRemoteAddress();
        ConnectionAcceptor.Admitted admitted = remote == null ? null : acceptor.admit(remote.getAddress());
        if (admitted == null) {
            log.debug("portal {}: connection from {} closed at once", boundAddress, remote);
            peer.close();
            return;
        }
        EventLoop loop = loops.next();
        loop.execute(() -> begin(loop, peer, admitted));
    }

    private void begin(EventLoop loop, SocketChannel peer, ConnectionAcceptor.Admitted admitted) {
        try {
            new Connection(loop, peer, groupTag, sendQueueBytesMax).open(admitted);
        } catch (IOException e) {
            log.debug("portal {}: a connection ended before it began", boundAddress, e);
            admitted.abandoned();
            closeQuietly(peer);
        }
    }

    private void closeQuietly(SocketChannel peer) {
        try {
            peer.close();
        } catch (IOException e) {
            log.debug("portal {}: closing a connection failed", boundAddress, e);
        }
    }
}
