package io.sluice.target.fuzz;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One connection of an attacker: never waits for ever, whatever the target does. */
final class AttackConnection implements AutoCloseable {
    /** Not the address of the witnesses: the limit of connections that have not logged in is per address. */
    private static final byte[] SOURCE = {127, 0, 0, 2};

    private static final long STUCK_MILLIS = 100;
    private static final long FAREWELL_MILLIS = 1_500;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final ResponseChecker checker;
    private final ByteBuffer incoming = ByteBuffer.allocate(64 << 10);
    private boolean deaf;
    private boolean over;

    AttackConnection(InetSocketAddress portal, int commandWindow) throws IOException {
        channel = SocketChannel.open();
        selector = Selector.open();
        checker = new ResponseChecker(commandWindow);
        try {
            channel.bind(new InetSocketAddress(InetAddress.getByAddress(SOURCE), 0));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(portal);
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    ResponseChecker checker() {
        return checker;
    }

    /** Reads nothing from now on. */
    void goDeaf() {
        deaf = true;
    }

    /** Sends in pieces; gives up when the target takes nothing for a while. */
    void send(byte[] bytes, int pieceBytes) {
        checker.sent(bytes);
        int step = pieceBytes <= 0 ? bytes.length : pieceBytes;
        ByteBuffer all = ByteBuffer.wrap(bytes);
        while (all.hasRemaining() && !over) {
            all.limit(Math.min(bytes.length, all.position() + step));
            if (!sendPiece(all)) {
                return;
            }
            all.limit(bytes.length);
        }
    }

    private boolean sendPiece(ByteBuffer piece) {
        long lastProgress = System.nanoTime();
        try {
            while (piece.hasRemaining() && !over) {
                if (channel.write(piece) > 0) {
                    lastProgress = System.nanoTime();
                } else if (System.nanoTime() - lastProgress > TimeUnit.MILLISECONDS.toNanos(STUCK_MILLIS)) {
                    return false;
                } else {
                    turn(SelectionKey.OP_WRITE, 10);
                }
            }
            turn(0, 0);
            return true;
        } catch (IOException e) {
            over = true;
            return false;
        }
    }

    /** Reads until {@code tag} is answered. */
    void await(int tag, long millis) {
        readUntil(() -> checker.hasAnswered(tag), millis);
    }

    /** Half-closes and reads to the end; false when the target does not end the connection. */
    boolean finish() {
        try {
            if (!over) {
                channel.shutdownOutput();
            }
        } catch (IOException e) {
            over = true;
        }
        deaf = false;
        readUntil(() -> false, FAREWELL_MILLIS);
        return over;
    }

    /** Ends with a TCP reset. */
    void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    private void readUntil(BooleanSupplier done, long millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!over && !deaf && !done.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return;
            }
            turn(0, left);
        }
    }

    private void turn(int operations, long waitMillis) {
        try {
            key.interestOps((deaf ? 0 : SelectionKey.OP_READ) | operations);
            if (waitMillis > 0) {
                selector.select(waitMillis);
            } else {
                selector.selectNow();
            }
            selector.selectedKeys().clear();
            if (!deaf) {
                read();
            }
        } catch (IOException e) {
            over = true;
        }
    }

    private void read() throws IOException {
        for (int count = channel.read(incoming.clear()); count != 0; count = channel.read(incoming.clear())) {
            if (count < 0) {
                over = true;
                return;
            }
            byte[] bytes = new byte[count];
            incoming.get(0, bytes);
            checker.received(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        over = true;
        try (channel) {
            selector.close();
        }
    }
}
