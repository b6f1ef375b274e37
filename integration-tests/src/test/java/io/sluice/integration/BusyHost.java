package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.integration.DiskHistory.Write;
import io.sluice.integration.ScsiHost.Completion;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * Keeps a LUN busy from a thread of its own until told to stop or until the connection breaks: writes, reads that are
 * checked, now and then a flush; several commands under way at any time. Everything goes into the history.
 */
final class BusyHost implements Callable<Long> {
    private static final int COMMANDS_UNDER_WAY = 16;
    private static final int READ_BLOCKS_MAX = 64;
    private static final int PERCENT = 100;
    private static final int READS_PERCENT = 20;
    private static final int FLUSHES_PERCENT = 1;

    private final ScsiHost host;
    private final DiskHistory history;
    private final SplittableRandom random;
    private final boolean flushIsSafe;
    private final boolean endsByCrash;
    private final Map<Integer, Ending> underWay = new HashMap<>();
    private volatile boolean stopping;

    /** What to do when a command has ended. */
    @FunctionalInterface
    private interface Ending {
        void ended(byte[] data);
    }

    /**
     * Runs nothing yet.
     *
     * @param flushIsSafe what was answered before a flush outlives the local disk (durability = s3)
     * @param endsByCrash the connection will break
     */
    BusyHost(ScsiHost host, DiskHistory history, long seed, boolean flushIsSafe, boolean endsByCrash) {
        this.host = host;
        this.history = history;
        this.random = new SplittableRandom(seed);
        this.flushIsSafe = flushIsSafe;
        this.endsByCrash = endsByCrash;
    }

    /** Lets the commands under way end and sends no more. */
    void stop() {
        stopping = true;
    }

    /** Works; the number of commands answered. */
    @Override
    public Long call() throws IOException {
        long answered = 0;
        try {
            while (!stopping || !underWay.isEmpty()) {
                while (!stopping && underWay.size() < COMMANDS_UNDER_WAY) {
                    sendOne();
                }
                if (!underWay.isEmpty()) {
                    complete();
                    answered++;
                }
            }
        } catch (IOException broken) {
            history.disconnected();
            if (!endsByCrash) {
                throw broken;
            }
        }
        return answered;
    }

    private void complete() throws IOException {
        Completion completion = host.complete();
        Ending ending = underWay.remove(completion.tag());
        if (ending == null) {
            throw new AssertionError("an answer nobody asked for: " + completion);
        }
        assertEquals(0, completion.status(), "SCSI status");
        ending.ended(completion.data());
    }

    private void sendOne() throws IOException {
        int choice = random.nextInt(PERCENT);
        if (choice < FLUSHES_PERCENT) {
            sendFlush();
            return;
        }
        boolean reads = choice < FLUSHES_PERCENT + READS_PERCENT;
        int blocks = 1 + random.nextInt(reads ? READ_BLOCKS_MAX : ScsiHost.WRITE_BLOCKS_MAX);
        int block = random.nextInt(history.blocks() - blocks);
        if (!history.isFree(block, blocks)) {
            return;
        }
        if (reads) {
            history.reading(block, blocks);
            underWay.put(host.read(block, blocks), data -> history.read(block, data));
        } else {
            Write write = history.sending(block, blocks);
            underWay.put(host.write(block, DiskHistory.bytes(write)), nothing -> history.answered(write));
        }
    }

    private void sendFlush() throws IOException {
        long sent = history.now();
        underWay.put(host.flush(), nothing -> {
            if (flushIsSafe) {
                history.safe(sent);
            }
        });
    }

    /** Reads the whole LUN. */
    static byte[] readAll(ScsiHost host, int blocks) throws IOException {
        byte[] disk = new byte[blocks * ScsiHost.BLOCK_BYTES];
        int step = 256;
        for (int block = 0; block < blocks; block += step) {
            int count = Math.min(step, blocks - block);
            int tag = host.read(block, count);
            Completion completion = host.complete();
            assertEquals(tag, completion.tag());
            assertEquals(0, completion.status(), "status of reading block " + block);
            System.arraycopy(completion.data(), 0, disk, block * ScsiHost.BLOCK_BYTES, completion.data().length);
        }
        return disk;
    }
}
