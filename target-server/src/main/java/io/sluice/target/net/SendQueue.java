package io.sluice.target.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What one connection has to send, in order; leaves in gathering writes. Arrays are used again. Confined. */
final class SendQueue {
    private static final int INITIAL_ENTRIES = 64;
    private static final int GATHER_MAX = 1024;

    private ByteBuffer[] buffers = new ByteBuffer[INITIAL_ENTRIES];
    private @Nullable Releasable[] owners = new @Nullable Releasable[INITIAL_ENTRIES];
    private int head;
    private int tail;
    private long bytes;

    /** {@code owner} is released when the bytes are with the kernel. */
    void add(ByteBuffer buffer, @Nullable Releasable owner) {
        if (tail == buffers.length) {
            makeRoom();
        }
        buffers[tail] = buffer;
        owners[tail] = owner;
        tail++;
        bytes += buffer.remaining();
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return head == tail;
    }

    /** Writes until everything is gone or the socket takes no more. */
    long writeTo(GatheringByteChannel channel) throws IOException {
        long writtenBytes = 0;
        while (head < tail) {
            long written = channel.write(buffers, head, Math.min(tail - head, GATHER_MAX));
            bytes -= written;
            writtenBytes += written;
            if (!dropWritten()) {
                break;
            }
        }
        return writtenBytes;
    }

    /** Releases everything unsent. */
    void clear() {
        while (head < tail) {
            dropHead();
        }
        bytes = 0;
    }

    /** False when something that was offered to the socket remained. */
    private boolean dropWritten() {
        int offeredEnd = Math.min(tail, head + GATHER_MAX);
        while (head < offeredEnd && !buffers[head].hasRemaining()) {
            dropHead();
        }
        boolean allWritten = head == offeredEnd;
        if (head == tail) {
            head = 0;
            tail = 0;
        }
        return allWritten;
    }

    private void dropHead() {
        Releasable owner = owners[head];
        owners[head] = null;
        head++;
        if (owner != null) {
            owner.release();
        }
    }

    private void makeRoom() {
        int count = tail - head;
        int capacity = count > buffers.length / 2 ? buffers.length * 2 : buffers.length;
        buffers = Arrays.copyOf(Arrays.copyOfRange(buffers, head, tail), capacity);
        owners = Arrays.copyOf(Arrays.copyOfRange(owners, head, tail), capacity);
        head = 0;
        tail = count;
    }
}
