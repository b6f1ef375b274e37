package io.sluice.storage.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk in memory that forgets like a real one. Deterministic: the same calls and seeds give the same bytes.
 *
 * <p>{@link #crashProcess} closes every handle and keeps everything written. {@link #crashMachine} moreover keeps of every
 * unsynced 512-byte piece, of every unsynced size and of every unsynced change of a name the old or the new version,
 * each by its own chance: torn and reordered writes, vanished files.
 *
 * <p>Faults: {@link #failOnce} lets the nth operation of a kind fail (a failing write leaves a beginning of its bytes; a
 * failing sync drops what was unsynced, and the next sync succeeds, as Linux does), {@link #limitBytes} makes it full.
 */
public final class SimulatedDisk implements LocalDisk {
    /** Kinds of operations that can be made to fail. */
    public enum Operation {
        CREATE,
        OPEN,
        READ,
        WRITE,
        ALLOCATE,
        SYNC,
        SYNC_DIRECTORY,
        RENAME,
        DELETE
    }

    /** What all directories of one simulated machine share. */
    private static final class Machine {
        private final SimulatedDirectory root = new SimulatedDirectory();
        private final Map<Operation, Integer> countdowns = new EnumMap<>(Operation.class);
        private final Map<Operation, Runnable> hooks = new EnumMap<>(Operation.class);
        private final Map<Operation, Integer> repeats = new EnumMap<>(Operation.class);
        private final Map<Operation, Long> counts = new EnumMap<>(Operation.class);
        private final Map<String, Long> bytesRead = new TreeMap<>();
        private long limitBytes = Long.MAX_VALUE;
        private int generation;
        private boolean locked;

        void step(Operation operation, String what) throws IOException {
            counts.merge(operation, 1L, Long::sum);
            int before = generation;
            Runnable hook = hooks.remove(operation);
            if (hook != null) {
                hook.run();
            }
            if (generation != before) {
                throw new IOException("the process died before " + operation + " " + what);
            }
            Integer left = countdowns.get(operation);
            if (left == null) {
                return;
            }
            if (left > 1) {
                countdowns.put(operation, left - 1);
                return;
            }
            countdowns.remove(operation);
            int more = repeats.getOrDefault(operation, 0);
            if (more > 0) {
                repeats.put(operation, more - 1);
                countdowns.put(operation, 1);
            }
            throw new IOException("simulated input/output error: " + operation + " " + what);
        }
    }

    private final Machine machine;
    private final SimulatedDirectory directory;
    private final String where;
    private final int generation;
    private final boolean holdsLock;

    private SimulatedDisk(Machine machine, SimulatedDirectory directory, String where, boolean holdsLock) {
        this.machine = machine;
        this.directory = directory;
        this.where = where;
        this.generation = machine.generation;
        this.holdsLock = holdsLock;
    }

    /** An empty disk of a new machine. */
    public static SimulatedDisk create() {
        Machine machine = new Machine();
        machine.locked = true;
        return new SimulatedDisk(machine, machine.root, "simulated", true);
    }

    /** The same directory, opened anew after a crash or a close. */
    public SimulatedDisk reopen() throws IOException {
        synchronized (machine) {
            if (machine.locked) {
                throw new IOException("the directory " + where + " is in use by another process");
            }
            machine.locked = true;
            return new SimulatedDisk(machine, machine.root, "simulated", true);
        }
    }

    /** The process dies: all handles are dead, what was written stays. */
    public void crashProcess() {
        synchronized (machine) {
            machine.generation++;
            machine.locked = false;
            machine.countdowns.clear();
            machine.repeats.clear();
        }
    }

    /** Power is lost. */
    public void crashMachine(long seed) {
        synchronized (machine) {
            crashProcess();
            // Small seeds of java.util.Random begin alike: spread them.
            machine.root.crashMachine(new Random(seed * 0x9e37_79b9_7f4a_7c15L));
        }
    }

    /** The {@code nth} (from 1) operation of this kind from now on fails, once. */
    public void failOnce(Operation operation, int nth) {
        synchronized (machine) {
            machine.countdowns.put(operation, nth);
            machine.repeats.remove(operation);
        }
    }

    /** The next {@code times} operations of this kind fail. */
    public void failTimes(Operation operation, int times) {
        synchronized (machine) {
            machine.countdowns.put(operation, 1);
            machine.repeats.put(operation, times - 1);
        }
    }

    /** Runs {@code hook} inside the next operation of this kind, before it has had any effect. */
    public void beforeNext(Operation operation, Runnable hook) {
        synchronized (machine) {
            machine.hooks.put(operation, hook);
        }
    }

    /** From now on files can hold so many bytes together, and not one more. */
    public void limitBytes(long bytes) {
        synchronized (machine) {
            machine.limitBytes = bytes;
        }
    }

    /** How many operations of this kind were tried so far. */
    public long count(Operation operation) {
        synchronized (machine) {
            return machine.counts.getOrDefault(operation, 0L);
        }
    }

    /** Bytes read so far, or since the last {@link #forgetReads}, by name of the file. */
    public Map<String, Long> bytesRead() {
        synchronized (machine) {
            return new TreeMap<>(machine.bytesRead);
        }
    }

    /** Begins to count {@link #bytesRead} anew. */
    public void forgetReads() {
        synchronized (machine) {
            machine.bytesRead.clear();
        }
    }

    /** Flips one bit: the medium decays. */
    public void corrupt(String name, long position) {
        synchronized (machine) {
            SimulatedFile file = Objects.requireNonNull(directory.find(name), name);
            byte[] one = new byte[1];
            file.read(position, one);
            one[0] ^= 1;
            file.write(position, one, 1);
            file.sync();
        }
    }

    @Override
    public DiskFile create(String name) throws IOException {
        synchronized (machine) {
            begin(Operation.CREATE, name);
            SimulatedFile file = directory.find(name);
            if (file == null) {
                file = new SimulatedFile();
                directory.put(name, file);
            }
            file.resize(0);
            return new Handle(name, file);
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        synchronized (machine) {
            begin(Operation.OPEN, name);
            return new Handle(name, existing(name));
        }
    }

    @Override
    public boolean exists(String name) throws IOException {
        synchronized (machine) {
            checkAlive();
            return directory.find(plain(name)) != null;
        }
    }

    @Override
    public List<String> list() throws IOException {
        synchronized (machine) {
            checkAlive();
            return directory.names();
        }
    }

    @Override
    public void delete(String name) throws IOException {
        synchronized (machine) {
            begin(Operation.DELETE, name);
            existing(name);
            directory.remove(name);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        synchronized (machine) {
            begin(Operation.RENAME, from);
            existing(from);
            directory.rename(from, plain(to));
        }
    }

    /** A power loss may leave the file in both directories; a real one would leave it in one, which is easier. */
    @Override
    public void move(String name, LocalDisk subdirectory) throws IOException {
        if (!(subdirectory instanceof SimulatedDisk target)
                || target.machine != machine
                || !target.where.startsWith(where + "/")) {
            throw new IllegalArgumentException(subdirectory.describe() + " is not a subdirectory of " + where);
        }
        synchronized (machine) {
            begin(Operation.RENAME, name);
            SimulatedFile file = existing(name);
            target.directory.put(name, file);
            target.directory.sync();
            directory.remove(name);
        }
    }

    @Override
    public void syncDirectory() throws IOException {
        synchronized (machine) {
            checkAlive();
            machine.step(Operation.SYNC_DIRECTORY, where);
            directory.sync();
        }
    }

    @Override
    public long usableBytes() {
        synchronized (machine) {
            return Math.max(0, machine.limitBytes - machine.root.bytes());
        }
    }

    @Override
    public LocalDisk directory(String name) throws IOException {
        synchronized (machine) {
            checkAlive();
            return new SimulatedDisk(machine, directory.subdirectory(plain(name)), where + "/" + name, false);
        }
    }

    @Override
    public String describe() {
        return where;
    }

    @Override
    public void close() {
        synchronized (machine) {
            if (holdsLock && generation == machine.generation) {
                machine.locked = false;
            }
        }
    }

    private void begin(Operation operation, String name) throws IOException {
        checkAlive();
        plain(name);
        machine.step(operation, name);
    }

    private void checkAlive() throws IOException {
        if (generation != machine.generation) {
            throw new IOException("this handle died in a crash: " + where);
        }
    }

    private SimulatedFile existing(String name) throws NoSuchFileException {
        SimulatedFile file = directory.find(plain(name));
        if (file == null) {
            throw new NoSuchFileException(where + "/" + name);
        }
        return file;
    }

    private static String plain(String name) {
        if (name.isEmpty() || name.startsWith(".") || name.indexOf('/') >= 0 || name.equals("lock")) {
            throw new IllegalArgumentException("not a plain file name: " + name);
        }
        return name;
    }

    /** An open file. */
    private final class Handle implements DiskFile {
        private final String name;
        private final SimulatedFile file;
        private boolean closed;

        Handle(String name, SimulatedFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            synchronized (machine) {
                checkOpen();
                byte[] bytes = new byte[source.remaining()];
                source.get(bytes);
                long more = position + bytes.length - file.size();
                if (more > usableBytes()) {
                    throw full("write");
                }
                try {
                    machine.step(Operation.WRITE, name);
                } catch (IOException e) {
                    checkAlive();
                    file.write(
                            position, bytes, bytes.length / 2 / SimulatedFile.PIECE_BYTES * SimulatedFile.PIECE_BYTES);
                    throw e;
                }
                file.write(position, bytes, bytes.length);
            }
        }

        @Override
        public void read(ByteBuffer destination, long position) throws IOException {
            synchronized (machine) {
                checkOpen();
                machine.step(Operation.READ, name);
                int count = (int) Math.min(destination.remaining(), Math.max(0, file.size() - position));
                byte[] bytes = new byte[count];
                if (count > 0) {
                    file.read(position, bytes);
                }
                destination.put(bytes);
                machine.bytesRead.merge(name, (long) count, Long::sum);
                if (destination.hasRemaining()) {
                    throw new EOFException(name + " ends at byte " + file.size());
                }
            }
        }

        @Override
        public void allocate(long size) throws IOException {
            synchronized (machine) {
                checkOpen();
                machine.step(Operation.ALLOCATE, name);
                if (size - file.size() > usableBytes()) {
                    throw full("allocate");
                }
                file.resize(Math.toIntExact(size));
            }
        }

        private DiskFullException full(String what) {
            return new DiskFullException(
                    "no space left to " + what + " " + where + "/" + name, new IOException("No space left on device"));
        }

        @Override
        public long size() throws IOException {
            synchronized (machine) {
                checkOpen();
                return file.size();
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (machine) {
                checkOpen();
                try {
                    machine.step(Operation.SYNC, name);
                } catch (IOException e) {
                    checkAlive();
                    file.failSync();
                    throw e;
                }
                file.sync();
            }
        }

        @Override
        public Optional<Path> path() {
            return Optional.empty();
        }

        @Override
        public void close() {
            synchronized (machine) {
                closed = true;
            }
        }

        private void checkOpen() throws IOException {
            checkAlive();
            if (closed) {
                throw new IOException("the file is closed: " + name);
            }
        }
    }
}
