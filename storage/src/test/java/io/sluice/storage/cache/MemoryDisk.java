package io.sluice.storage.cache;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.DiskFullException;
import io.sluice.storage.disk.LocalDisk;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A disk in memory that can crash: a write can be cut by process death in the middle, and a power loss takes, for each
 * 512-byte sector and each name not yet synced, either the old state or the new.
 */
final class MemoryDisk implements LocalDisk {
    private static final int SECTOR_BYTES = 512;

    private Map<String, Content> names = new TreeMap<>();
    private Map<String, Content> durableNames = new TreeMap<>();
    private long capacityBytes = Long.MAX_VALUE;
    private int writesUntilDeath = Integer.MAX_VALUE;
    private long fullFrom = Long.MAX_VALUE;
    private boolean failing;

    /** The process died in the middle of a write. */
    static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Content {
        private byte[] current = new byte[0];
        private byte[] durable = new byte[0];
    }

    /** The next but {@code writes} write is cut and dies. */
    synchronized void dieAfterWrites(int writes) {
        writesUntilDeath = writes;
    }

    /** From now on all reads and writes fail, or none. */
    synchronized void setFailing(boolean failing) {
        this.failing = failing;
    }

    /** Writes of more than a mark that begin at or behind {@code position} find the disk full: holes cannot be filled. */
    synchronized void setFullFrom(long position) {
        fullFrom = position;
    }

    synchronized void setCapacity(long bytes) {
        capacityBytes = bytes;
    }

    /** What a power loss leaves. */
    synchronized void losePower(Random random) {
        Map<String, Content> left = new TreeMap<>();
        TreeSet<String> all = new TreeSet<>(names.keySet());
        all.addAll(durableNames.keySet());
        for (String name : all) {
            Content content = random.nextBoolean() ? names.get(name) : durableNames.get(name);
            if (content != null) {
                left.put(name, content);
            }
        }
        left.values().stream().distinct().forEach(content -> tear(content, random));
        names = left;
        durableNames = new TreeMap<>(left);
        writesUntilDeath = Integer.MAX_VALUE;
    }

    private static void tear(Content content, Random random) {
        byte[] before = Arrays.copyOf(content.durable, content.current.length);
        for (int start = 0; start < before.length; start += SECTOR_BYTES) {
            if (random.nextBoolean()) {
                int length = Math.min(SECTOR_BYTES, before.length - start);
                System.arraycopy(content.current, start, before, start, length);
            }
        }
        content.current = before;
        content.durable = before.clone();
    }

    /** Changes one byte of a file. */
    synchronized void damage(String name, long position) {
        Content content = names.get(name);
        if (content != null && position < content.current.length) {
            content.current[(int) position] ^= 0x41;
        }
    }

    synchronized long sizeOf(String name) {
        Content content = names.get(name);
        return content == null ? 0 : content.current.length;
    }

    /** Ends the effect of {@link #dieAfterWrites}. */
    synchronized void live() {
        writesUntilDeath = Integer.MAX_VALUE;
    }

    @Override
    public synchronized DiskFile create(String name) {
        Content content = new Content();
        names.put(name, content);
        return new MemoryFile(name, content);
    }

    @Override
    public synchronized DiskFile open(String name) throws IOException {
        Content content = names.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return new MemoryFile(name, content);
    }

    @Override
    public synchronized boolean exists(String name) throws IOException {
        check();
        return names.containsKey(name);
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized void delete(String name) {
        names.remove(name);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Content content = names.remove(from);
        if (content == null) {
            throw new NoSuchFileException(from);
        }
        names.put(to, content);
    }

    @Override
    public synchronized void move(String name, LocalDisk subdirectory) throws IOException {
        Content content = names.remove(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        ((MemoryDisk) subdirectory).names.put(name, content);
    }

    @Override
    public synchronized void syncDirectory() {
        durableNames = new TreeMap<>(names);
    }

    @Override
    public synchronized long usableBytes() {
        long used = names.values().stream()
                .mapToLong(content -> content.current.length)
                .sum();
        return capacityBytes - used;
    }

    @Override
    public LocalDisk directory(String name) {
        return new MemoryDisk();
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private void check() throws IOException {
        if (failing) {
            throw new IOException("input/output error");
        }
    }

    private final class MemoryFile implements DiskFile {
        private final String name;
        private final Content content;

        private MemoryFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            synchronized (MemoryDisk.this) {
                check();
                if (position >= fullFrom && source.remaining() > SECTOR_BYTES) {
                    throw new DiskFullException(name, new IOException("no space"));
                }
                boolean dies = writesUntilDeath-- <= 0;
                int length = dies ? source.remaining() / 2 / SECTOR_BYTES * SECTOR_BYTES : source.remaining();
                int end = (int) position + length;
                if (end > content.current.length) {
                    resize(end);
                }
                source.get(content.current, (int) position, length);
                if (dies) {
                    throw new Death();
                }
            }
        }

        @Override
        public void read(ByteBuffer destination, long position) throws IOException {
            synchronized (MemoryDisk.this) {
                check();
                if (position + destination.remaining() > content.current.length) {
                    throw new EOFException(name);
                }
                destination.put(content.current, (int) position, destination.remaining());
            }
        }

        @Override
        public void allocate(long size) throws IOException {
            synchronized (MemoryDisk.this) {
                check();
                resize((int) size);
            }
        }

        private void resize(int size) throws IOException {
            if (size > content.current.length && size - content.current.length > usableBytes()) {
                throw new DiskFullException(name, new IOException("no space"));
            }
            content.current = Arrays.copyOf(content.current, size);
        }

        @Override
        public long size() {
            synchronized (MemoryDisk.this) {
                return content.current.length;
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (MemoryDisk.this) {
                check();
                content.durable = content.current.clone();
            }
        }

        @Override
        public Optional<Path> path() {
            return Optional.empty();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
