package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One {@link Journal#readAll}. Addresses near each other are read from the disk together, with what stands between them, and
 * neighbours are decrypted together. As for {@link BlockReader}, what was read counts only while the tail, looked at after
 * the read, has not passed it. Used once, by one thread.
 */
final class RunReader {
    private static final int WINDOW_UNITS = 128;
    /** More than so many unwanted units cost more than another read. */
    private static final int GAP_UNITS_MAX = 4;

    private static final ThreadLocal<ByteBuffer> WINDOWS =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(WINDOW_UNITS << JournalFormat.UNIT_SHIFT));

    private final LiveFiles live;
    private final AppendSpace space;
    private final long[] addresses;
    private final Journal.BlockSink sink;
    private final ByteBuffer window = WINDOWS.get();
    private final ByteBuffer view = window.duplicate();
    private final ByteBuffer into = window.duplicate();
    private final CRC32C crc = new CRC32C();

    RunReader(LiveFiles live, AppendSpace space, long[] addresses, Journal.BlockSink sink) {
        this.live = live;
        this.space = space;
        this.addresses = addresses;
        this.sink = sink;
    }

    boolean read() throws IOException {
        int from = 0;
        while (from < addresses.length) {
            int to = windowEnd(from);
            if (!readWindow(from, to)) {
                return false;
            }
            from = to;
        }
        return true;
    }

    /** Index behind the last address that is read together with {@code addresses[from]}; one file holds them all. */
    private int windowEnd(int from) {
        int to = from + 1;
        while (to < addresses.length
                && addresses[to] - addresses[to - 1] <= GAP_UNITS_MAX
                && addresses[to] - addresses[from] < WINDOW_UNITS
                && JournalFormat.fileNumber(addresses[to]) == JournalFormat.fileNumber(addresses[from])) {
            Invariant.check(addresses[to] > addresses[to - 1], "addresses ascend", addresses[to - 1], addresses[to]);
            to++;
        }
        return to;
    }

    private boolean readWindow(int from, int to) throws IOException {
        long first = addresses[from];
        JournalFile file = live.find(first);
        if (file == null || first < space.tail()) {
            Invariant.check(first < space.tail(), "address is behind the log", first, space.tail());
            return false;
        }
        int units = (int) (addresses[to - 1] - first) + 1;
        try {
            file.disk()
                    .read(
                            window.clear().limit(units << JournalFormat.UNIT_SHIFT),
                            (long) JournalFormat.unit(first) << JournalFormat.UNIT_SHIFT);
        } catch (IOException e) {
            if (first < space.tail()) {
                return false;
            }
            throw e;
        }
        if (first < space.tail()) {
            return false;
        }
        giveRuns(file, from, to);
        return true;
    }

    private void giveRuns(JournalFile file, int from, int to) throws IOException {
        int start = from;
        for (int i = from; i < to; i++) {
            check(file, addresses[i], addresses[from]);
            if (i + 1 == to
                    || addresses[i + 1] != addresses[i] + 1
                    || !file.cipher().runsOn()) {
                give(file, start, i + 1, addresses[from]);
                start = i + 1;
            }
        }
    }

    private void check(JournalFile file, long address, long windowStart) throws IOException {
        crc.reset();
        crc.update(aim(view, address, 1, windowStart));
        if ((int) crc.getValue() != file.checksum(JournalFormat.unit(address))) {
            throw new IOException("the block at journal address " + address + " ("
                    + file.disk().name() + ") is damaged: its checksum is wrong");
        }
    }

    /** Decrypts the neighbours {@code start} to {@code end - 1} in one run. */
    private void give(JournalFile file, int start, int end, long windowStart) {
        long address = addresses[start];
        file.cipher()
                .apply(
                        address,
                        0,
                        aim(view, address, end - start, windowStart),
                        aim(into, address, end - start, windowStart));
        for (int i = start; i < end; i++) {
            sink.accept(i, aim(view, addresses[i], 1, windowStart));
        }
    }

    private static ByteBuffer aim(ByteBuffer view, long address, int count, long windowStart) {
        int at = (int) (address - windowStart) << JournalFormat.UNIT_SHIFT;
        return view.limit(at + (count << JournalFormat.UNIT_SHIFT)).position(at);
    }
}
