package io.sluice.target.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection on its loop: a receive buffer, a send queue, a {@link ConnectionHandler}.
 *
 * <p>States:
 *
 * <pre>
 *   open ──closeAfterSending──▶ ending ──all sent──▶ draining (output shut down) ──EOF or timeout──▶ closed
 *     └──────────────────────────── close, error, EOF ─────────────────────────────────────────────▶ closed
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@link ConnectionHandler#closed} is called exactly once.
 *   <li>Nothing is read while more than {@code sendQueueBytesMax} wait to be sent: a peer that does not read is served
 *       no further.
 *   <li>What is queued during a turn leaves at its end, in as few writes as the socket allows.
 * </ol>
 */
public final class Connection implements ReadyHandler {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    private static final Duration FAREWELL_TIME_MAX = Duration.ofSeconds(3);
    private static final int UNIT_BYTES_UNKNOWN = 1;

    private enum State {
        OPEN,
        ENDING,
        DRAINING,
        CLOSED
    }

    private final EventLoop loop;
    private final SocketChannel channel;
    private final InetSocketAddress localAddress;
    private final InetSocketAddress remoteAddress;
    private final int portalGroupTag;
    private final long sendQueueBytesMax;
    private final ReceiveBuffer receiveBuffer;
    private final SendQueue sendQueue = new SendQueue();
    private State state = State.OPEN;
    private @Nullable SelectionKey key;
    private @Nullable ConnectionHandler handler;
    private boolean suspended;
    private boolean inTurn;
    private boolean touched;
    private int neededBytes = UNIT_BYTES_UNKNOWN;
    private long lastReceivedNanos;
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();

    Connection(EventLoop loop, SocketChannel channel, int portalGroupTag, long sendQueueBytesMax) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.portalGroupTag = portalGroupTag;
        this.sendQueueBytesMax = sendQueueBytesMax;
        this.receiveBuffer = new ReceiveBuffer(loop.memory().smallBlocks());
        this.localAddress = (InetSocketAddress) channel.getLocalAddress();
        this.remoteAddress = (InetSocketAddress) channel.getRemoteAddress();
        this.lastReceivedNanos = loop.clock().monotonicNanos();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }

    /** The first event may come from now on. */
    void open(ConnectionAcceptor.Admitted admitted) throws IOException {
        handler = admitted.accepted(this);
        if (state == State.OPEN) {
            key = loop.register(channel, SelectionKey.OP_READ, this);
        }
    }

    public EventLoop loop() {
        return loop;
    }

    /** The address the peer used to reach us. */
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** The portal group it came in by (RFC 7143 section 4.4.1). */
    public int portalGroupTag() {
        return portalGroupTag;
    }

    /** Monotonic time of the last byte from the peer. */
    public long lastReceivedNanos() {
        return lastReceivedNanos;
    }

    /** Any thread may ask. */
    public long receivedBytes() {
        return receivedBytes.get();
    }

    /** Any thread may ask. */
    public long sentBytes() {
        return sentBytes.get();
    }

    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** True when so much waits to be sent that the handler should stop parsing; it is called again later. */
    public boolean isCongested() {
        return sendQueue.bytes() > sendQueueBytesMax;
    }

    public ReceiveBuffer receiveBuffer() {
        return receiveBuffer;
    }

    /** From now on receives into a large buffer: for a peer that has logged in. */
    public void growReceiveBuffer() {
        receiveBuffer.moveTo(loop.memory().largeBlocks());
    }

    /** Queues bytes, from position to limit; {@code owner} is released when they are sent or dropped. */
    public void send(ByteBuffer bytes, @Nullable Releasable owner) {
        if (state == State.OPEN) {
            sendQueue.add(bytes, owner);
            touch();
        } else if (owner != null) {
            owner.release();
        }
    }

    /** Something happened outside of this connection's own turn: it wants an end of turn. */
    public void touch() {
        if (!inTurn && !touched && state != State.CLOSED) {
            touched = true;
            loop.touch(this);
        }
    }

    /** Hands no more bytes to the handler until {@link #resume}. */
    public void suspend() {
        suspended = true;
    }

    /** Takes up what {@link #suspend} stopped. */
    public void resume() {
        suspended = false;
        touch();
    }

    public boolean isSuspended() {
        return suspended;
    }

    /** Sends what is queued, then ends the connection in an orderly way. */
    public void closeAfterSending(String reason) {
        if (state == State.OPEN) {
            state = State.ENDING;
            loop.schedule(FAREWELL_TIME_MAX, () -> close("the peer took too long to let go"));
            notifyClosed(reason);
            touch();
        }
    }

    /** Ends the connection at once. */
    public void close(String reason) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (key != null) {
            key.cancel();
        }
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("closing the connection from {} failed", remoteAddress, e);
        }
        sendQueue.clear();
        notifyClosed(reason);
        receiveBuffer.close();
    }

    @Override
    public void ready(SelectionKey readyKey) throws IOException {
        if (readyKey.isWritable()) {
            flush();
        }
        if (state != State.CLOSED && readyKey.isReadable()) {
            readTurn();
        }
    }

    @Override
    public void failed(Throwable failure) {
        if (failure instanceof IOException) {
            close(String.valueOf(failure.getMessage()));
        } else {
            log.error("connection from {} is dropped after an unexpected failure", remoteAddress, failure);
            close("internal error");
        }
    }

    void endTouchedTurn() {
        touched = false;
        if (state == State.CLOSED) {
            return;
        }
        inTurn = true;
        try {
            parse();
            endTurn();
        } catch (IOException | RuntimeException | Error e) {
            failed(e);
        } finally {
            inTurn = false;
        }
    }

    private void readTurn() throws IOException {
        int count = channel.read(receiveBuffer.prepareForRead(neededBytes));
        receiveBuffer.received(Math.max(0, count));
        if (count < 0) {
            close("the peer closed the connection");
            return;
        }
        receivedBytes.addAndGet(count);
        lastReceivedNanos = loop.clock().monotonicNanos();
        inTurn = true;
        try {
            parse();
            endTurn();
        } finally {
            inTurn = false;
        }
    }

    private void parse() {
        if (state != State.OPEN) {
            receiveBuffer.consume(receiveBuffer.availableBytes());
        } else if (handler != null && !suspended && !isCongested()) {
            neededBytes = handler.received(receiveBuffer);
        }
    }

    private void endTurn() throws IOException {
        if (state == State.OPEN && handler != null) {
            handler.endOfTurn();
        }
        if (state != State.CLOSED) {
            flush();
        }
    }

    private void flush() throws IOException {
        boolean wasCongested = isCongested();
        sentBytes.addAndGet(sendQueue.writeTo(channel));
        if (wasCongested && !isCongested() && receiveBuffer.availableBytes() > 0) {
            inTurn = false;
            touch();
        }
        if (state == State.ENDING && sendQueue.isEmpty()) {
            drain();
        }
        updateInterest();
    }

    /** An orderly end: a close with unread bytes would reset the connection and lose our last words. */
    private void drain() throws IOException {
        state = State.DRAINING;
        channel.shutdownOutput();
    }

    private void updateInterest() {
        if (key == null || !key.isValid()) {
            return;
        }
        boolean wantsRead = state != State.OPEN || (!suspended && !isCongested());
        int operations = (wantsRead ? SelectionKey.OP_READ : 0) | (sendQueue.isEmpty() ? 0 : SelectionKey.OP_WRITE);
        if (key.interestOps() != operations) {
            key.interestOps(operations);
        }
    }

    private void notifyClosed(String reason) {
        ConnectionHandler told = handler;
        handler = null;
        if (told != null) {
            told.closed(reason);
        }
    }
}
