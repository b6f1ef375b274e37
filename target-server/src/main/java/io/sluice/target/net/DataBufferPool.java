package io.sluice.target.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Task buffers of one loop in classes of powers of two from 4 KiB. Keeps a bounded number of free bytes. Confined. */
public final class DataBufferPool {
    private static final int SMALLEST_SHIFT = 12;
    private static final int CLASSES = 31 - SMALLEST_SHIFT;
    /** The largest buffer there can be: 1 GiB. */
    public static final int BYTES_MAX = 1 << (SMALLEST_SHIFT + CLASSES - 1);

    private final long freeBytesMax;
    private final List<ArrayDeque<DataBuffer>> free = new ArrayList<>();
    private long freeBytes;

    DataBufferPool(long freeBytesMax) {
        this.freeBytesMax = freeBytesMax;
        for (int i = 0; i < CLASSES; i++) {
            free.add(new ArrayDeque<>());
        }
    }

    /** A buffer of at least {@code bytes}; null when {@code budget} does not allow it. */
    public @Nullable DataBuffer take(int bytes, MemoryBudget budget) {
        if (bytes > BYTES_MAX) {
            return null;
        }
        int sizeClass = sizeClassOf(bytes);
        int capacityBytes = capacityOf(sizeClass);
        if (!budget.reserve(capacityBytes)) {
            return null;
        }
        DataBuffer buffer = free.get(sizeClass).pollLast();
        if (buffer == null) {
            buffer = new DataBuffer(this, sizeClass, capacityBytes);
        } else {
            freeBytes -= capacityBytes;
        }
        buffer.begin(budget);
        return buffer;
    }

    /** The same for other threads: a new buffer, which comes into the pool when its loop releases it. Thread-safe. */
    public @Nullable DataBuffer takeNew(int bytes, MemoryBudget budget) {
        if (bytes > BYTES_MAX) {
            return null;
        }
        int sizeClass = sizeClassOf(bytes);
        if (!budget.reserve(capacityOf(sizeClass))) {
            return null;
        }
        DataBuffer buffer = new DataBuffer(this, sizeClass, capacityOf(sizeClass));
        buffer.begin(budget);
        return buffer;
    }

    void giveBack(DataBuffer buffer) {
        ByteBuffer bytes = buffer.bytes();
        if (freeBytes + bytes.capacity() <= freeBytesMax) {
            freeBytes += bytes.capacity();
            free.get(buffer.sizeClass()).addLast(buffer);
        }
    }

    static int sizeClassOf(int bytes) {
        int shift = bytes <= 1 ? 0 : 32 - Integer.numberOfLeadingZeros(bytes - 1);
        return Math.max(0, shift - SMALLEST_SHIFT);
    }

    private static int capacityOf(int sizeClass) {
        return 1 << (sizeClass + SMALLEST_SHIFT);
    }
}
