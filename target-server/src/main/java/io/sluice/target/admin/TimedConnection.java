package io.sluice.target.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A connection over the admin socket on which everything together takes no longer than it may: the other side can be
 * silent or not read, but not hold anybody up. For one thread.
 */
final class TimedConnection implements AutoCloseable {
    private static final int BUFFER_BYTES = 8192;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final Duration allowed;
    private long deadlineNanos;

    /** Takes {@code channel} over; closes it when that fails. */
    TimedConnection(SocketChannel channel, Duration allowed) throws IOException {
        this.channel = channel;
        this.allowed = allowed;
        this.deadlineNanos = System.nanoTime() + allowed.toNanos();
        try {
            channel.configureBlocking(false);
            this.selector = Selector.open();
            this.key = channel.register(selector, 0);
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
    }

    /** The time begins anew: what came in between was not the other side's fault. */
    void restart() {
        deadlineNanos = System.nanoTime() + allowed.toNanos();
    }

    /** A line without its end, or what came before the other side ended; fails when it is longer than allowed. */
    String readLine(int bytesMax) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (true) {
            int count = channel.read(buffer.clear());
            if (count == 0) {
                await(SelectionKey.OP_READ);
                continue;
            }
            int end = count < 0 ? 0 : lineEnd(buffer.array(), count);
            line.write(buffer.array(), 0, end);
            if (line.size() > bytesMax) {
                throw new LineTooLongException(bytesMax);
            }
            if (count < 0 || end < count) {
                return line.toString(StandardCharsets.UTF_8).strip();
            }
        }
    }

    /** The other side sent more than it may. */
    static final class LineTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        LineTooLongException(int bytesMax) {
            super("the line is longer than " + bytesMax + " bytes");
        }
    }

    private static int lineEnd(byte[] bytes, int count) {
        int end = 0;
        while (end < count && bytes[end] != '\n') {
            end++;
        }
        return end;
    }

    /** Writes all of it, and a line end. */
    void writeLine(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    private void await(int operation) throws IOException {
        long millis = Math.floorDiv(deadlineNanos - System.nanoTime(), 1_000_000) + 1;
        if (millis <= 0) {
            throw new SocketTimeoutException("nothing moved within " + allowed.toMillis() + " ms");
        }
        key.interestOps(operation);
        selector.select(millis);
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        try {
            selector.close();
        } finally {
            channel.close();
        }
    }
}
