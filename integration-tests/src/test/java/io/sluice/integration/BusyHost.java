package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.integration.DiskHistory.Write;
import io.sluice.integration.ScsiHost.Completion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a LUN busy from a thread of its own until told to stop or until the connection breaks: writes, some of them with
 * FUA, unmaps, reads that are checked, now and then a flush; several commands under way at any time. Everything goes into
 * the history. Any status but GOOD fails the test, unless it {@link #patiently} sends again what was refused with BUSY or
 * TASK SET FULL.
 */
final class BusyHost implements Callable<Long> {
    private static final int COMMANDS_UNDER_WAY = 16;
    private static final int READ_BLOCKS_MAX = 64;
    private static final int UNMAP_BLOCKS_MAX = 128;
    private static final int PERCENT = 100;
    private static final int READS_PERCENT = 20;
    private static final int FLUSHES_PERCENT = 2;
    private static final int UNMAPS_PERCENT = 4;
    private static final int WRITES_THROUGH_PERCENT = 5;
    private static final int BUSY_PAUSE_MILLIS = 20;

    private final ScsiHost host;
    private final DiskHistory history;
    private final SplittableRandom random;
    private final boolean flushIsSafe;
    private final boolean endsByCrash;
    private final Map<Integer, UnderWay> underWay = new HashMap<>();
    private final ArrayDeque<Command> refused = new ArrayDeque<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private boolean patient;
    private int readsPercent = READS_PERCENT;
    private volatile int pauseMillis;
    private volatile boolean stopping;

    /** One command, which may have to be sent again. */
    private interface Command {
        /** Returns its tag. */
        int send() throws IOException;

        /** It was answered with GOOD. */
        void ended(byte[] data);
    }

    private record UnderWay(Command command, long sentNanos) {}

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

    /** As a host's operating system does: what was refused with BUSY or TASK SET FULL is sent again. */
    BusyHost patiently() {
        patient = true;
        return this;
    }

    /** Reads nothing. */
    BusyHost onlyWriting() {
        readsPercent = 0;
        return this;
    }

    /** From now on, rests for so long after each answer; on any thread. */
    BusyHost resting(int millis) {
        pauseMillis = millis;
        return this;
    }

    /** Lets the commands under way end and sends no more. */
    void stop() {
        stopping = true;
    }

    /** Commands answered with GOOD so far; on any thread. */
    long answered() {
        return answered.get();
    }

    /** BUSY and TASK SET FULL so far; on any thread. */
    long refusals() {
        return refusals.get();
    }

    /** The longest that one command waited for its answer, be it GOOD or a refusal. */
    Duration longestWait() {
        return Duration.ofNanos(longestNanos.get());
    }

    /** Works; the number of commands answered. */
    @Override
    public Long call() throws IOException, InterruptedException {
        try {
            while (!stopping || !underWay.isEmpty() || !refused.isEmpty()) {
                sendWhatFits();
                if (!underWay.isEmpty()) {
                    complete();
                    Thread.sleep(pauseMillis);
                }
            }
        } catch (IOException broken) {
            history.disconnected();
            if (!endsByCrash) {
                throw broken;
            }
        }
        return answered.get();
    }

    private void sendWhatFits() throws IOException {
        while (!refused.isEmpty() && underWay.size() < COMMANDS_UNDER_WAY) {
            send(refused.remove());
        }
        while (!stopping && underWay.size() < COMMANDS_UNDER_WAY) {
            sendOne();
        }
    }

    private void send(Command command) throws IOException {
        long now = System.nanoTime();
        underWay.put(command.send(), new UnderWay(command, now));
    }

    private void complete() throws IOException, InterruptedException {
        Completion completion = host.complete();
        UnderWay ended = underWay.remove(completion.tag());
        if (ended == null) {
            throw new AssertionError("an answer nobody asked for: " + completion);
        }
        longestNanos.accumulateAndGet(System.nanoTime() - ended.sentNanos, Math::max);
        if (patient && (completion.status() == ScsiHost.BUSY || completion.status() == ScsiHost.TASK_SET_FULL)) {
            refusals.incrementAndGet();
            refused.add(ended.command);
            Thread.sleep(BUSY_PAUSE_MILLIS);
            return;
        }
        assertEquals(0, completion.status(), () -> "SCSI status, sense " + Integer.toHexString(completion.senseCode()));
        ended.command.ended(completion.data());
        answered.incrementAndGet();
    }

    private void sendOne() throws IOException {
        int choice = random.nextInt(PERCENT);
        if (choice < FLUSHES_PERCENT) {
            sendFlush();
        } else if (choice < FLUSHES_PERCENT + UNMAPS_PERCENT) {
            int blocks = 1 + random.nextInt(UNMAP_BLOCKS_MAX);
            int block = random.nextInt(history.blocks() - blocks);
            if (history.isFree(block, blocks)) {
                sendWrite(history.unmapping(block, blocks), write -> host.unmap(block, blocks));
            }
        } else if (choice < FLUSHES_PERCENT + UNMAPS_PERCENT + readsPercent) {
            sendRead();
        } else {
            int blocks = 1 + random.nextInt(ScsiHost.WRITE_BLOCKS_MAX);
            int block = random.nextInt(history.blocks() - blocks);
            if (history.isFree(block, blocks)) {
                Write write = history.sending(block, blocks);
                if (random.nextInt(PERCENT) < WRITES_THROUGH_PERCENT) {
                    sendWriteThrough(write);
                } else {
                    sendWrite(write, sent -> host.write(sent.block(), DiskHistory.bytes(sent)));
                }
            }
        }
    }

    /** How a write is sent. */
    @FunctionalInterface
    private interface Sending {
        int send(Write write) throws IOException;
    }

    private void sendWrite(Write write, Sending sending) throws IOException {
        send(new Command() {
            @Override
            public int send() throws IOException {
                return sending.send(write);
            }

            @Override
            public void ended(byte[] data) {
                history.answered(write);
            }
        });
    }

    private void sendWriteThrough(Write write) throws IOException {
        send(new Command() {
            @Override
            public int send() throws IOException {
                return host.writeThrough(write.block(), DiskHistory.bytes(write));
            }

            @Override
            public void ended(byte[] data) {
                history.answered(write);
                if (flushIsSafe) {
                    history.safe(write);
                }
            }
        });
    }

    private void sendRead() throws IOException {
        int blocks = 1 + random.nextInt(READ_BLOCKS_MAX);
        int block = random.nextInt(history.blocks() - blocks);
        if (!history.isFree(block, blocks)) {
            return;
        }
        history.reading(block, blocks);
        send(new Command() {
            @Override
            public int send() throws IOException {
                return host.read(block, blocks);
            }

            @Override
            public void ended(byte[] data) {
                history.read(block, data);
            }
        });
    }

    private void sendFlush() throws IOException {
        long began = history.now();
        send(new Command() {
            @Override
            public int send() throws IOException {
                return host.flush();
            }

            @Override
            public void ended(byte[] data) {
                if (flushIsSafe) {
                    history.safe(began);
                }
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
