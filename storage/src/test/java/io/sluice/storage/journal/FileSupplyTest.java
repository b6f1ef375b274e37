package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.runtime.SuppressForbidden;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressForbidden("two real threads are the point")
@Timeout(60)
final class FileSupplyTest {
    private static final int UNITS = 16;
    private static final int WANTED = 4;
    private static final long PATIENCE_MILLIS = 5_000;

    private final SimulatedDisk disk = SimulatedDisk.create();
    private final AtomicInteger created = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();

    private interface Hook {
        void before(int file) throws InterruptedException;
    }

    /** The disk, with something that happens before the nth file is created. */
    private LocalDisk watched(Hook hook) {
        return (LocalDisk) Proxy.newProxyInstance(
                LocalDisk.class.getClassLoader(), new Class<?>[] {LocalDisk.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create")) {
                        hook.before(created.incrementAndGet());
                    }
                    try {
                        return method.invoke(disk, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private FileSupply supply(LocalDisk directory, List<FileSupply.Spare> spares) {
        return new FileSupply(directory, null, new SimulatedRuntime(1).entropy(), 1, UNITS, 1, 0, spares);
    }

    /** Behind a first file that {@code supply} makes. */
    private static AppendSpace space(FileSupply supply) throws IOException {
        JournalFile first = supply.make();
        LiveFiles live = new LiveFiles();
        live.append(first);
        return new AppendSpace(live, new AppendOrder(first.address(1)), first, first.address(1), 100 * UNITS);
    }

    private Thread needingOne(FileSupply supply, AppendSpace space) {
        Thread thread = new Thread(() -> {
            try {
                supply.prepareFor(space, 1, Long.MAX_VALUE);
            } catch (IOException | RuntimeException e) {
                failed.set(e);
            }
        });
        thread.setDaemon(true);
        return thread;
    }

    private static void awaitWaiting(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.BLOCKED) {
            Thread.sleep(1);
        }
    }

    /**
     * Prepares {@link #WANTED} files; while the first is being made, somebody else needs one. How many were prepared when the
     * second was begun; 0: the other one still waited.
     */
    private int preparedAtTheSecond(AtomicReference<@Nullable AppendSpace> where) throws IOException {
        AtomicReference<@Nullable Thread> needing = new AtomicReference<>();
        AtomicReference<@Nullable FileSupply> what = new AtomicReference<>();
        AtomicInteger preparedThen = new AtomicInteger(-1);
        FileSupply supply = supply(
                watched(file -> {
                    FileSupply of = what.get();
                    AppendSpace space = where.get();
                    if (of == null || space == null) {
                        return;
                    }
                    Thread thread = needing.get();
                    if (thread == null) { // the first of four is being made
                        thread = needingOne(of, space);
                        needing.set(thread);
                        thread.start();
                        awaitWaiting(thread);
                    } else if (preparedThen.get() < 0) { // the second
                        thread.join(PATIENCE_MILLIS);
                        preparedThen.set(thread.isAlive() ? 0 : space.preparedCount());
                    }
                }),
                List.of());
        AppendSpace space = space(supply);
        where.set(space);
        what.set(supply);
        supply.prepareFor(space, WANTED, 1 + WANTED);
        assertNull(failed.get());
        assertEquals(1 + space.preparedCount(), disk.list().size());
        return preparedThen.get();
    }

    @Test
    void whoNeedsAFileWaitsForOneThatIsBeingMadeAndNotForThoseBehindIt() throws IOException {
        AtomicReference<@Nullable AppendSpace> where = new AtomicReference<>();
        assertEquals(1, preparedAtTheSecond(where), "prepared when the second file was begun");
        assertEquals(WANTED, Objects.requireNonNull(where.get()).preparedCount());
    }

    /** What was released needs no zeros, and is not counted among the new ones. */
    @Test
    void releasedFilesComeFirstAndNoMoreThanAllowedAreNew() throws IOException {
        DiskFile released = disk.create(JournalFormat.fileName(7));
        released.allocate((long) UNITS * JournalFormat.UNIT_BYTES);
        FileSupply supply = supply(disk, List.of());
        AppendSpace space = space(supply);
        supply.takeOver(() -> List.of(new JournalFile(
                7,
                1,
                released,
                new byte[JournalFormat.SALT_BYTES],
                JournalFormat.cipher(null, new byte[JournalFormat.SALT_BYTES], 1),
                UNITS)));
        supply.prepareFor(space, WANTED, 3);
        assertEquals(3, space.preparedCount());
        assertFalse(disk.exists(JournalFormat.fileName(7)));
        supply.prepareFor(space, WANTED, 3);
        assertEquals(3, space.preparedCount());
        supply.close();
        supply.prepareFor(space, WANTED, Long.MAX_VALUE);
        assertEquals(3, space.preparedCount(), "nothing is made any more");
    }
}
