package io.sluice.storage.simulation;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.object.ForwardingObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.MappingCompletion;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Parts with a fault each, of kinds that engines really had: for the canaries. */
final class Saboteurs {
    private Saboteurs() {}

    /** A bucket in which two conditional puts can win: If-None-Match is not looked at for segments and manifests. */
    static ObjectStore withoutConditions(ObjectStore inner) {
        return new ForwardingObjectStore(inner) {
            @Override
            public CompletableFuture<String> put(
                    String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
                boolean probe = key.contains("/probe/");
                return super.put(key, body, probe ? condition : PutCondition.ALWAYS, cause);
            }
        };
    }

    /** A bucket that loses every tenth segment after it has said yes. */
    static ObjectStore forgetful(ObjectStore inner) {
        return new ForwardingObjectStore(inner) {
            private int segments;

            @Override
            public CompletableFuture<String> put(
                    String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
                if (key.contains("/segment/") && ++segments % 10 == 0) {
                    return CompletableFuture.completedFuture("lost");
                }
                return super.put(key, body, condition, cause);
            }
        };
    }

    /** Who deletes a segment deletes the one behind it, too. */
    static ObjectStore deletingTooMuch(ObjectStore inner) {
        return new ForwardingObjectStore(inner) {
            @Override
            public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
                List<String> more = new ArrayList<>(keys);
                for (String key : keys) {
                    int at = key.indexOf("/segment/");
                    if (at >= 0) {
                        long number = Long.parseLong(key.substring(at + 9), 16);
                        more.add(key.substring(0, at + 9) + String.format(java.util.Locale.ROOT, "%016x", number + 1));
                    }
                }
                return super.delete(more, cause);
            }
        };
    }

    /** A segment is told as durable when its request was sent: segments count that lower ones are missing for. */
    static ObjectStore tellingTooEarly(ObjectStore inner) {
        return new ForwardingObjectStore(inner) {
            @Override
            public CompletableFuture<String> put(
                    String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
                CompletableFuture<String> real = super.put(key, body, condition, cause);
                return key.contains("/segment/") && cause == RequestCause.FLUSH
                        ? CompletableFuture.completedFuture("early")
                        : real;
            }
        };
    }

    /** Passes everything on, apart from what {@code file} changes about files. */
    private static class Disk implements LocalDisk {
        private final LocalDisk inner;

        Disk(LocalDisk inner) {
            this.inner = inner;
        }

        DiskFile file(DiskFile opened) {
            return opened;
        }

        Disk again(LocalDisk directory) {
            return new Disk(directory);
        }

        @Override
        public DiskFile create(String name) throws IOException {
            return file(inner.create(name));
        }

        @Override
        public DiskFile open(String name) throws IOException {
            return file(inner.open(name));
        }

        @Override
        public boolean exists(String name) throws IOException {
            return inner.exists(name);
        }

        @Override
        public List<String> list() throws IOException {
            return inner.list();
        }

        @Override
        public void delete(String name) throws IOException {
            inner.delete(name);
        }

        @Override
        public void rename(String from, String to) throws IOException {
            inner.rename(from, to);
        }

        @Override
        public void move(String name, LocalDisk subdirectory) throws IOException {
            inner.move(name, subdirectory instanceof Disk other ? other.inner : subdirectory);
        }

        @Override
        public void syncDirectory() throws IOException {
            inner.syncDirectory();
        }

        @Override
        public long usableBytes() throws IOException {
            return inner.usableBytes();
        }

        @Override
        public LocalDisk directory(String name) throws IOException {
            return again(inner.directory(name));
        }

        @Override
        public String describe() {
            return inner.describe();
        }

        @Override
        public void close() throws IOException {
            inner.close();
        }
    }

    /** Passes everything on. */
    private static class File implements DiskFile {
        final DiskFile inner;

        File(DiskFile inner) {
            this.inner = inner;
        }

        @Override
        public String name() {
            return inner.name();
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            inner.write(source, position);
        }

        @Override
        public void read(ByteBuffer destination, long position) throws IOException {
            inner.read(destination, position);
        }

        @Override
        public void allocate(long size) throws IOException {
            inner.allocate(size);
        }

        @Override
        public long size() throws IOException {
            return inner.size();
        }

        @Override
        public void sync() throws IOException {
            inner.sync();
        }

        @Override
        public Optional<Path> path() {
            return inner.path();
        }

        @Override
        public void close() throws IOException {
            inner.close();
        }
    }

    /** A disk whose sync does nothing to the files of the journal: all that anybody notices is what is lost. */
    static LocalDisk unsynced(LocalDisk inner) {
        return new Disk(inner) {
            @Override
            DiskFile file(DiskFile opened) {
                return new File(opened) {
                    @Override
                    public void sync() throws IOException {
                        if (!name().startsWith("journal")) {
                            inner.sync();
                        }
                    }
                };
            }

            @Override
            Disk again(LocalDisk directory) {
                return (Disk) unsynced(directory);
            }
        };
    }

    /** A journal whose files lose every twentieth write, and say nothing. */
    static LocalDisk dropping(LocalDisk inner) {
        int[] writes = new int[1];
        return dropping(inner, writes);
    }

    private static LocalDisk dropping(LocalDisk inner, int[] writes) {
        return new Disk(inner) {
            @Override
            DiskFile file(DiskFile opened) {
                return new File(opened) {
                    @Override
                    public void write(ByteBuffer source, long position) throws IOException {
                        if (name().startsWith("journal") && position > 0 && ++writes[0] % 20 == 0) {
                            source.position(source.limit());
                        } else {
                            inner.write(source, position);
                        }
                    }
                };
            }

            @Override
            Disk again(LocalDisk directory) {
                return (Disk) dropping(directory, writes);
            }
        };
    }

    /** Passes everything on. */
    private static class Port implements VolumePort {
        final VolumePort inner;

        Port(VolumePort inner) {
            this.inner = inner;
        }

        @Override
        public void read(long offsetBytes, ByteBuffer destination, IoCompletion completion) {
            inner.read(offsetBytes, destination, completion);
        }

        @Override
        public void write(long offsetBytes, ByteBuffer source, boolean durable, IoCompletion completion) {
            inner.write(offsetBytes, source, durable, completion);
        }

        @Override
        public long newDeadlineNanos() {
            return inner.newDeadlineNanos();
        }

        @Override
        public void read(long offsetBytes, ByteBuffer destination, long deadlineNanos, IoCompletion completion) {
            inner.read(offsetBytes, destination, deadlineNanos, completion);
        }

        @Override
        public void write(
                long offsetBytes, ByteBuffer source, boolean durable, long deadlineNanos, IoCompletion completion) {
            inner.write(offsetBytes, source, durable, deadlineNanos, completion);
        }

        @Override
        public void unmap(long offsetBytes, long lengthBytes, boolean durable, IoCompletion completion) {
            inner.unmap(offsetBytes, lengthBytes, durable, completion);
        }

        @Override
        public void fill(
                long offsetBytes, long lengthBytes, ByteBuffer pattern, boolean durable, IoCompletion completion) {
            inner.fill(offsetBytes, lengthBytes, pattern, durable, completion);
        }

        @Override
        public void copy(
                long sourceBytes, long destinationBytes, long lengthBytes, boolean durable, IoCompletion completion) {
            inner.copy(sourceBytes, destinationBytes, lengthBytes, durable, completion);
        }

        @Override
        public void mapping(long offsetBytes, long lengthBytes, int runsMax, MappingCompletion completion) {
            inner.mapping(offsetBytes, lengthBytes, runsMax, completion);
        }

        @Override
        public void flush(IoCompletion completion) {
            inner.flush(completion);
        }

        @Override
        public void submit() {
            inner.submit();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    /** A flush that is answered before it was done. */
    static VolumePort flushingNothing(VolumePort inner) {
        return new Port(inner) {
            @Override
            public void flush(IoCompletion completion) {
                completion.complete(null);
            }
        };
    }

    /** A cache of blocks that is not told of writes. */
    static VolumePort stale(VolumePort inner) {
        return new Port(inner) {
            private static final int BLOCK = 4096;
            private final Map<Long, byte[]> blocks = new HashMap<>();

            @Override
            public void read(long offsetBytes, ByteBuffer destination, IoCompletion completion) {
                ByteBuffer read = destination.duplicate();
                inner.read(offsetBytes, destination, failure -> {
                    long at = (offsetBytes + BLOCK - 1) / BLOCK * BLOCK;
                    while (failure == null && at + BLOCK <= offsetBytes + read.remaining()) {
                        replace(at, read.slice((int) (read.position() + at - offsetBytes), BLOCK));
                        at += BLOCK;
                    }
                    completion.complete(failure);
                });
            }

            private void replace(long offset, ByteBuffer block) {
                byte[] old = blocks.get(offset);
                if (old == null) {
                    byte[] now = new byte[BLOCK];
                    block.get(now);
                    blocks.put(offset, now);
                } else {
                    block.put(old);
                }
            }
        };
    }
}
