package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Drives a journal on a simulated disk at random and knows what must be found in it: the batches in order, which were
 * acknowledged, which were synced, which released.
 */
final class JournalModel {
    /** One entry: {@code count} blocks from {@code lba}; version 0 means zeros. */
    record Entry(long lba, long count, long version, long address) {}

    /** One batch and what is known about it. */
    static final class Batch {
        private final long start;
        private final List<Entry> entries;
        private boolean acknowledged;
        private boolean synced;

        Batch(long start, List<Entry> entries) {
            this.start = start;
            this.entries = entries;
        }
    }

    private static final int LBAS = 200;

    private final Random random;
    private final SimulatedRuntime runtime;
    private final @Nullable KeyDerivation keys;
    private final VolumeSettings.Journal settings;
    private final List<Batch> batches = new ArrayList<>();
    private SimulatedDisk disk = SimulatedDisk.create();
    private List<JournalAppender> appenders = new ArrayList<>();
    private List<List<Entry>> pending = new ArrayList<>();
    private long epoch;
    private boolean powerWasLost;
    private long version;
    private long highestAddress;
    private long addressFloor;
    private LocalJournal journal;

    JournalModel(long seed, boolean encrypted, int files, int fileUnits) throws IOException {
        random = new Random(seed);
        runtime = new SimulatedRuntime(random.nextLong());
        keys = encrypted ? JournalRig.keys("model") : null;
        settings = JournalRig.settings(files, fileUnits);
        journal = reopen();
    }

    SimulatedDisk disk() {
        return disk;
    }

    LocalJournal journal() {
        return journal;
    }

    int batchCount() {
        return batches.size();
    }

    /** One random step of normal work. */
    void step() throws IOException {
        int dice = random.nextInt(100);
        if (dice < 70) {
            add(random.nextInt(appenders.size()));
        } else if (dice < 88) {
            submit(random.nextInt(appenders.size()));
        } else if (dice < 92) {
            sync();
        } else if (dice < 95) {
            releaseSome();
        } else {
            runtime.step();
            checkOneBlock();
        }
    }

    private void add(int appender) throws IOException {
        int lba = random.nextInt(LBAS);
        if (random.nextInt(10) == 0) {
            int count = 1 + random.nextInt(20);
            if (appenders.get(appender).addZero(lba, count) == JournalAppender.Outcome.DONE) {
                pending.get(appender).add(new Entry(lba, count, 0, 0));
            } else {
                submit(appender);
            }
            return;
        }
        version++;
        if (appenders.get(appender).addBlock(lba, JournalRig.block(lba, version), 0) == JournalAppender.Outcome.DONE) {
            pending.get(appender).add(new Entry(lba, 1, version, 0));
        } else {
            submit(appender);
        }
    }

    private void submit(int appender) throws IOException {
        List<Entry> entries = pending.get(appender);
        if (entries.isEmpty()) {
            return;
        }
        Placing placing = new Placing(entries);
        boolean[] acknowledged = new boolean[1];
        JournalAppender.Outcome outcome = appenders.get(appender).submit(placing, () -> acknowledged[0] = true);
        if (outcome == JournalAppender.Outcome.FULL) {
            releaseSome();
            return;
        }
        assertTrue(acknowledged[0], "a batch with nothing before it is acknowledged before submit returns");
        Batch batch = new Batch(placing.start(), placing.placed);
        assertTrue(batch.start > highestAddress, "addresses only grow");
        highestAddress = journal.appliedEnd() - 1;
        batch.acknowledged = true;
        batches.add(batch);
        pending.set(appender, new ArrayList<>());
    }

    /** Gives the addresses to the entries as they come back, blocks one by one. */
    private static final class Placing implements JournalAppender.Applier {
        private final List<Entry> wanted;
        private final List<Entry> placed = new ArrayList<>();
        private final List<Long> blockVersions = new ArrayList<>();
        private long lowest = Long.MAX_VALUE;
        private int nextBlock;

        Placing(List<Entry> wanted) {
            this.wanted = wanted;
            wanted.stream().filter(entry -> entry.version() != 0).forEach(entry -> blockVersions.add(entry.version()));
        }

        @Override
        public void block(long lba, long address) {
            placed.add(new Entry(lba, 1, blockVersions.get(nextBlock++), address));
            lowest = Math.min(lowest, address - nextBlock);
        }

        @Override
        public void zero(long lba, long count, long address) {
            placed.add(new Entry(lba, count, 0, address));
            lowest = Math.min(lowest, address);
        }

        @Override
        public void pattern(long lba, long count, long address) {
            throw new AssertionError("nobody wrote a pattern");
        }

        @Override
        public void references(long lba, ReferenceRuns runs, long address) {
            throw new AssertionError("nobody wrote references");
        }

        long start() {
            assertEquals(blocks(wanted), nextBlock, "every block is applied once");
            return lowest;
        }

        private static long blocks(List<Entry> entries) {
            return entries.stream().filter(entry -> entry.version() != 0).count();
        }
    }

    void sync() {
        long covered = journal.appliedEnd();
        List<Batch> before = List.copyOf(batches);
        journal.sync(failure -> {
            if (failure == null) {
                assertTrue(journal.syncedEnd() >= covered);
                before.forEach(batch -> batch.synced = true);
            }
        });
        if (random.nextInt(3) > 0) {
            runtime.runReady();
        }
    }

    /** Releases up to the start of some batch, or everything. */
    void releaseSome() {
        if (batches.isEmpty()) {
            return;
        }
        int keep = random.nextInt(batches.size() + 1);
        long address = keep == batches.size() ? journal.appliedEnd() : batches.get(keep).start;
        journal.release(address);
        batches.subList(0, keep).clear();
        addressFloor = Math.max(addressFloor, address);
        if (random.nextBoolean()) {
            runtime.runReady();
        }
    }

    private void checkOneBlock() throws IOException {
        if (batches.isEmpty()) {
            return;
        }
        Batch batch = batches.get(random.nextInt(batches.size()));
        for (Entry entry : batch.entries) {
            checkContent(entry);
        }
    }

    private void checkContent(Entry entry) throws IOException {
        if (entry.version() == 0) {
            return;
        }
        ByteBuffer destination = ByteBuffer.allocate(4096);
        assertTrue(journal.read(entry.address(), destination), "the block is still kept");
        assertEquals(JournalRig.block(entry.lba(), entry.version()), destination.flip(), "content of " + entry);
    }

    /** The process dies; what was acknowledged must be found. */
    void crashProcess() throws IOException {
        runtime.crash();
        disk.crashProcess();
        recover(!powerWasLost);
    }

    /** Power is lost; what was synced must be found. */
    void crashMachine() throws IOException {
        runtime.crash();
        disk.crashMachine(random.nextLong());
        recover(false);
    }

    /** Recovery itself is cut short by a failing operation, somewhere, after a crash of the machine. */
    void crashMachineWhileOpening() throws IOException {
        powerWasLost = true;
        runtime.crash();
        disk.crashMachine(random.nextLong());
        disk = disk.reopen();
        SimulatedDisk.Operation[] operations = SimulatedDisk.Operation.values();
        disk.failOnce(operations[random.nextInt(operations.length)], 1 + random.nextInt(4));
        try {
            RecoveredLog log = scan();
            // What this attempt took for the log it may make durable and go on from: it is the log now.
            LocalJournal.open(disk, JournalRig.VOLUME, epoch + 1, keys, settings, runtime, log);
            epoch++;
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("simulated"), "unexpected: " + e);
        }
        runtime.crash();
    }

    private void recover(boolean everythingWritten) throws IOException {
        powerWasLost = false;
        journal = reopen();
        List<Batch> found = replay();
        int kept = 0;
        while (kept < batches.size() && kept < found.size()) {
            assertEquals(batches.get(kept).entries, found.get(kept).entries, "batch " + kept + " of the recovered log");
            kept++;
        }
        assertEquals(kept, found.size(), "the log holds nothing that was not written");
        for (Batch lost : batches.subList(kept, batches.size())) {
            assertFalse(lost.synced, "a synced batch is lost");
            assertFalse(everythingWritten && lost.acknowledged, "an acknowledged batch is lost with the process");
        }
        batches.subList(kept, batches.size()).clear();
        for (Batch batch : batches) {
            batch.synced = true;
            for (Entry entry : batch.entries) {
                checkContent(entry);
            }
        }
    }

    /** Entries of one batch as the reader gives them; versions come from the contents. */
    private List<Batch> replay() throws IOException {
        Map<Long, Long> versions = new HashMap<>();
        batches.forEach(batch -> batch.entries.forEach(entry -> versions.put(entry.address(), entry.version())));
        List<Batch> found = new ArrayList<>();
        JournalReader reader = journal.openReader(journal.tail());
        while (true) {
            List<Entry> entries = new ArrayList<>();
            boolean more = reader.next(journal.appliedEnd(), new JournalAppender.Applier() {
                @Override
                public void block(long lba, long address) {
                    entries.add(new Entry(lba, 1, versions.getOrDefault(address, -1L), address));
                }

                @Override
                public void zero(long lba, long count, long address) {
                    entries.add(new Entry(lba, count, 0, address));
                }

                @Override
                public void pattern(long lba, long count, long address) {
                    throw new AssertionError("nobody wrote a pattern");
                }

                @Override
                public void references(long lba, ReferenceRuns runs, long address) {
                    throw new AssertionError("nobody wrote references");
                }
            });
            if (!more) {
                return found;
            }
            // The recovered log may begin before what the model has released: that is allowed.
            if (reader.position() > addressFloor) {
                found.add(new Batch(0, entries));
            }
        }
    }

    /** What was released is in the bucket. */
    private RecoveredLog scan() throws IOException {
        RecoveredLog log = JournalRecovery.scan(disk, JournalRig.VOLUME, keys, 0);
        if (!log.lacksItsStart(addressFloor)) {
            return log;
        }
        assertFalse(log.lostSyncedStart(addressFloor), "an honest disk loses nothing that was synced");
        return log.cutBeforeItsStart(addressFloor);
    }

    private LocalJournal reopen() throws IOException {
        epoch++;
        disk = epoch == 1 ? disk : disk.reopen();
        RecoveredLog log = scan();
        assertFalse(log.damaged(), () -> "an honest disk is never called damaged: " + log.note());
        LocalJournal opened = LocalJournal.open(disk, JournalRig.VOLUME, epoch, keys, settings, runtime, log);
        highestAddress = opened.appliedEnd() - 1;
        appenders = new ArrayList<>();
        pending = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            appenders.add(opened.openAppender());
            pending.add(new ArrayList<>());
        }
        return opened;
    }
}
