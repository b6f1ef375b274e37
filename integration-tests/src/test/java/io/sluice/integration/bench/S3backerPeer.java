package io.sluice.integration.bench;

import io.sluice.integration.Programs;
import io.sluice.integration.S3ProxyServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Debian's tgt on a file of Debian's s3backer (FUSE) over the S3 server, one LUN only.
 *
 * @param blockBytes size of its objects
 * @param cachedPercent of the LUN that its block cache holds
 */
record S3backerPeer(String name, int blockBytes, int cachedPercent) implements Peer {
    private static final Path FUSE = Path.of("/dev/fuse");
    private static final int PERCENT = 100;

    static List<Peer> all() {
        return List.of(
                new S3backerPeer("s3backer-128k", 128 << 10, PERCENT),
                new S3backerPeer("s3backer-128k-half", 128 << 10, PERCENT / 2),
                new S3backerPeer("s3backer-1m", 1 << 20, PERCENT));
    }

    @Override
    public String describe() {
        return "tgt on s3backer, blocks of " + (blockBytes >> 10) + " KiB, its cache holds " + cachedPercent + " %";
    }

    @Override
    public boolean keepsData() {
        return true;
    }

    @Override
    public boolean usesStore() {
        return true;
    }

    @Override
    public Optional<String> hindrance() {
        return Files.isReadable(FUSE) && Files.isWritable(FUSE)
                ? Optional.empty()
                : Optional.of("there is no " + FUSE + " that can be used");
    }

    @Override
    public RunningPeer start(Place place, Demand demand) throws IOException, InterruptedException {
        if (demand.luns() != 1) {
            throw new IllegalArgumentException("s3backer has one file, not " + demand.luns());
        }
        Files.createDirectories(place.directory().resolve("mount"));
        String bucket = name + "-" + place.tag();
        place.store().createBucket(bucket);
        Path access = place.directory().resolve("access");
        Files.writeString(access, S3ProxyServer.ACCESS_KEY_ID + ":" + S3ProxyServer.SECRET_ACCESS_KEY + "\n");
        Files.setPosixFilePermissions(access, PosixFilePermissions.fromString("rw-------"));
        StoreGateway gateway =
                place.cleanup().add(StoreGateway.start(place.store().endpoint()));
        Running running = place.cleanup().add(new Running(place, gateway, command(bucket, access, gateway, demand)));
        running.begin();
        return running;
    }

    private List<String> command(String bucket, Path access, StoreGateway gateway, Demand demand) {
        long cached = demand.lunBytes() / blockBytes * cachedPercent / PERCENT;
        return List.of(
                Programs.find("s3backer").toString(),
                "-f",
                "--quiet",
                "--accessFile=" + access,
                "--authVersion=aws4",
                "--baseURL=" + gateway.endpoint() + "/",
                "--blockSize=" + blockBytes,
                "--size=" + demand.lunBytes(),
                "--blockCacheSize=" + cached,
                bucket);
    }

    /** States: stopped ⇄ running. */
    private static final class Running implements RunningPeer {
        private static final Duration MOUNT_LIMIT = Duration.ofSeconds(30);
        private static final Duration SETTLE_LIMIT = Duration.ofMinutes(10);
        private static final int STOP_SECONDS = 60;

        private final Place place;
        private final StoreGateway gateway;
        private final List<String> command;
        private final Path mount;
        private Optional<Process> s3backer = Optional.empty();
        private Optional<TgtPeer.Daemon> tgt = Optional.empty();

        Running(Place place, StoreGateway gateway, List<String> commandWithoutMount) {
            this.place = place;
            this.gateway = gateway;
            mount = place.directory().resolve("mount");
            command = Stream.concat(commandWithoutMount.stream(), Stream.of(mount.toString()))
                    .toList();
        }

        void begin() throws IOException, InterruptedException {
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start();
            s3backer = Optional.of(started);
            long endNanos = System.nanoTime() + MOUNT_LIMIT.toNanos();
            while (!Files.exists(mount.resolve("stats"))) {
                if (!started.isAlive() || System.nanoTime() > endNanos) {
                    throw new IOException("s3backer does not mount:\n" + Files.readString(log()));
                }
                Thread.sleep(50);
            }
            tgt = Optional.of(TgtPeer.Daemon.start(place, "rdwr", List.of(mount.resolve("file"))));
        }

        private Path log() {
            return place.directory().resolve("s3backer.log");
        }

        @Override
        public List<String> urls() {
            return tgt.orElseThrow().urls();
        }

        @Override
        public List<Long> pids() {
            return List.of(
                    s3backer.orElseThrow().pid(), tgt.orElseThrow().process().pid());
        }

        @Override
        public StoreTraffic traffic() {
            return gateway.traffic();
        }

        /** Until no block of its cache is dirty. */
        @Override
        public void settle() throws IOException, InterruptedException {
            long endNanos = System.nanoTime() + SETTLE_LIMIT.toNanos();
            while (!Files.readString(mount.resolve("stats")).matches("(?s).*block_cache_dirty_ratio +0\\.0000\n.*")) {
                if (System.nanoTime() > endNanos) {
                    throw new IOException("s3backer does not write its blocks:\n" + Files.readString(log()));
                }
                Thread.sleep(100);
            }
        }

        @Override
        public void makeCold() throws IOException, InterruptedException {
            settle();
            tgt.orElseThrow().close();
            Programs.run(Programs.SHORT, "umount", mount.toString()).expect(0);
            if (!s3backer.orElseThrow().waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("s3backer does not end after umount");
            }
            begin();
        }

        @Override
        public void storeLatencyMillis(int millis) {
            gateway.latencyMillis(millis);
        }

        @Override
        public void underLoad(boolean isUnderLoad) {}

        @Override
        public Map<String, Double> ownFigures() {
            return Map.of();
        }

        /** At once: what it had not written is of no interest any more. */
        @Override
        public void close() {
            List<Process> processes = new ArrayList<>();
            s3backer.ifPresent(processes::add);
            try {
                if (tgt.isPresent()) {
                    tgt.orElseThrow().close();
                }
                for (Process process : processes) {
                    process.destroyForcibly().waitFor();
                    Programs.run(Programs.SHORT, "umount", "-l", mount.toString());
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
