package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.Volume;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ports on real threads acknowledge one another's batches, while each uses its operations and batches again: every write
 * ends once, and is what is read afterwards.
 */
@SuppressForbidden("real threads are the point of this test")
final class PortsOnThreadsTest {
    private static final int PORTS = 3;
    private static final int TURNS = 2000;
    private static final int WRITES_PER_TURN = 6;
    private static final int BLOCKS_PER_WRITE_MAX = 3;
    private static final int BLOCKS_PER_PORT = WRITES_PER_TURN * BLOCKS_PER_WRITE_MAX;
    private static final int BLOCK_BYTES = 4096;

    private final Queue<String> errors = new ConcurrentLinkedQueue<>();

    @Test
    @Timeout(120)
    void everyWriteEndsOnceAndIsReadBack(@TempDir Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory.resolve("bucket"));
        try (SystemRuntime runtime = new SystemRuntime(1)) {
            Volumes volumes = new Volumes(SystemEnvironment.on(runtime));
            VolumeSettings settings = settings(directory);
            volumes.create(settings, ByteSize.ofMiB(16), 512).join();
            Volume volume = volumes.open(settings).join().volume();
            List<Host> hosts = new ArrayList<>();
            for (int i = 0; i < PORTS; i++) {
                hosts.add(new Host(volume, i));
            }
            for (Host host : hosts) {
                host.begin();
            }
            for (Host host : hosts) {
                host.awaitEnd();
            }
            var unused = volume.close().join();
        }
        assertEquals(List.of(), List.copyOf(errors));
    }

    private static VolumeSettings settings(Path directory) {
        VolumeSettings plain = SimulatedSettings.plain().settings();
        return new VolumeSettings(
                plain.name(),
                directory.resolve("cache"),
                new StoreSettings.File(directory.resolve("bucket")),
                plain.encryption(),
                plain.compressionLevel(),
                plain.durability(),
                new VolumeSettings.Journal(ByteSize.ofMiB(64), ByteSize.ofMiB(8), Duration.ofSeconds(60)),
                new VolumeSettings.Flush(
                        Duration.ofMillis(300), ByteSize.ofMiB(64), ByteSize.ofMiB(4), 2, Duration.ofSeconds(60)),
                plain.readCache(),
                plain.index(),
                plain.checkpoint(),
                plain.collector(),
                plain.fencing(),
                plain.takeover(),
                plain.readWait());
    }

    /** Writes turn by turn to blocks of its own, then reads them; all on one thread, but for what it is told. */
    private final class Host {
        private final ExecutorService loop = Executors.newSingleThreadExecutor();
        private final VolumePort port;
        private final int firstBlock;
        private final Random random;
        private final byte[] newest = new byte[BLOCKS_PER_PORT];
        private final AtomicInteger open = new AtomicInteger();
        private final CountDownLatch ended = new CountDownLatch(1);
        private int turn;

        Host(Volume volume, int number) {
            port = volume.openPort(loop);
            firstBlock = number * BLOCKS_PER_PORT;
            random = new Random(number);
        }

        void begin() {
            loop.execute(this::turn);
        }

        void awaitEnd() throws InterruptedException {
            assertTrue(ended.await(40, TimeUnit.SECONDS), "a write has not ended; " + errors);
            loop.shutdown();
        }

        private void turn() {
            open.set(WRITES_PER_TURN);
            for (int i = 0; i < WRITES_PER_TURN; i++) {
                int first = i * BLOCKS_PER_WRITE_MAX;
                int count = 1 + random.nextInt(BLOCKS_PER_WRITE_MAX);
                ByteBuffer data = ByteBuffer.allocate(count * BLOCK_BYTES);
                for (int block = first; block < first + count; block++) {
                    newest[block] = (byte) random.nextInt();
                    fill(data, newest[block]);
                }
                port.write((long) (firstBlock + first) * BLOCK_BYTES, data.flip(), false, new Ended());
            }
            port.submit();
        }

        private static void fill(ByteBuffer data, byte value) {
            for (int i = 0; i < BLOCK_BYTES; i++) {
                data.put(value);
            }
        }

        private void turnEnded() {
            turn++;
            if (turn < TURNS) {
                turn();
            } else {
                readBack(0);
            }
        }

        private void readBack(int block) {
            if (block == BLOCKS_PER_PORT) {
                port.close();
                ended.countDown();
                return;
            }
            ByteBuffer data = ByteBuffer.allocate(BLOCK_BYTES);
            port.read((long) (firstBlock + block) * BLOCK_BYTES, data, failure -> {
                note(failure);
                if (data.get(0) != newest[block] || data.get(BLOCK_BYTES - 1) != newest[block]) {
                    errors.add("block " + (firstBlock + block) + " holds " + data.get(0));
                }
                loop.execute(() -> readBack(block + 1));
            });
        }

        /** Of one write. */
        private final class Ended implements IoCompletion {
            private final AtomicBoolean told = new AtomicBoolean();

            @Override
            public void complete(@Nullable IoFailure failure) {
                note(failure);
                if (!told.compareAndSet(false, true)) {
                    errors.add("a write ended twice");
                } else if (open.decrementAndGet() == 0) {
                    loop.execute(Host.this::turnEnded);
                }
            }
        }
    }

    private void note(@Nullable IoFailure failure) {
        if (failure != null) {
            errors.add(failure.toString());
        }
    }
}
