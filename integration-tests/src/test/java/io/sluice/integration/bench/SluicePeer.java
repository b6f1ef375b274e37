package io.sluice.integration.bench;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The packaged server over the S3 server, with encryption and compression, its JVM as the launcher sets it up.
 *
 * @param name of this way to configure it
 * @param isIdle whether the bucket takes nothing while a load runs: a flusher that has a full segment does not wait for
 *     its age, so all that keeps it still is a PUT that does not end
 */
record SluicePeer(String name, boolean isIdle) implements Peer {
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(10);
    private static final Duration COLLECTOR_LIMIT = Duration.ofMinutes(10);
    private static final long COLLECTOR_LOOK_MILLIS = 100;
    /** It looks again after each checkpoint: once idle may be between two rounds. */
    private static final int IDLE_LOOKS = 5;

    /** As a user runs it: what is written goes to the bucket within seconds, while the host goes on. */
    static SluicePeer standard() {
        return new SluicePeer("sluice", false);
    }

    /** Nothing goes to the bucket while a workload runs. */
    static SluicePeer withIdleFlush() {
        return new SluicePeer("sluice-idle-flush", true);
    }

    @Override
    public String describe() {
        return "Sluice, AES-256-GCM and zstd, S3Proxy, " + (isIdle ? "no flush under load" : "flushing");
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
    public RunningPeer start(Place place, Demand demand) throws IOException, InterruptedException {
        String bucket = name + "-" + place.tag();
        place.store().createBucket(bucket);
        StoreGateway gateway =
                place.cleanup().add(StoreGateway.start(place.store().endpoint()));
        ConfigurationFiles files = ConfigurationFiles.in(place.directory()).s3Store(gateway.endpoint(), bucket);
        // Writes slow down when the journal is half full: half of it takes what the fastest workload writes in 5 s.
        files.defaults(
                "journal.capacity = 16 GiB",
                isIdle ? "flush { max-age = 1 h, uploads = 1 }" : "flush.max-age = 5 s",
                "read-cache.capacity = " + Math.max(1, (4 * demand.lunBytes()) >> 30) + " GiB");
        files.environment("SLUICE_JAVA_OPTS", System.getProperty("sluice.bench.java.options", ""));
        for (int lun = 0; lun < demand.luns(); lun++) {
            files.lun("bench" + lun, "size = " + (demand.lunBytes() >> 20) + " MiB");
            if (demand.digests() && lun == demand.luns() - 1) {
                files.server("targets.\"" + ConfigurationFiles.target("bench" + lun)
                        + "\" { header-digest = prefer, data-digest = prefer }");
            }
        }
        return place.cleanup().add(new Running(files, gateway, isIdle));
    }

    private static final class Running implements RunningPeer {
        private final ConfigurationFiles files;
        private final StoreGateway gateway;
        private final boolean isIdle;
        private final SluiceProcess server;
        private final AllocationMeter allocation;

        Running(ConfigurationFiles files, StoreGateway gateway, boolean isIdle)
                throws IOException, InterruptedException {
            this.files = files;
            this.gateway = gateway;
            this.isIdle = isIdle;
            server = SluiceProcess.startWithVolumes(files);
            allocation = AllocationMeter.of(server.pid());
        }

        @Override
        public List<String> urls() {
            return files.volumes().stream().map(files::url).toList();
        }

        @Override
        public List<Long> pids() {
            return List.of(server.pid());
        }

        @Override
        public StoreTraffic traffic() {
            return gateway.traffic();
        }

        @Override
        public void settle() throws IOException {
            for (String volume : files.volumes()) {
                server.drain(volume, DRAIN_LIMIT);
            }
        }

        /** Its collector, too, has moved and deleted what the writes left to it. */
        @Override
        public void rest() throws IOException, InterruptedException {
            settle();
            long beganNanos = System.nanoTime();
            for (int idle = 0; idle < IDLE_LOOKS; ) {
                idle = collects() ? 0 : idle + 1;
                if (System.nanoTime() - beganNanos > COLLECTOR_LIMIT.toNanos()) {
                    throw new IOException("the collector still works after " + COLLECTOR_LIMIT.toMinutes()
                            + " min: see sluice status of the server at " + files.adminSocket());
                }
                Thread.sleep(COLLECTOR_LOOK_MILLIS);
            }
        }

        private boolean collects() {
            return files.volumes().stream()
                    .map(server::status)
                    .anyMatch(status -> !(status.get("space") instanceof Map<?, ?> space)
                            || !"idle".equals(space.get("collector")));
        }

        @Override
        public void makeCold() throws IOException, InterruptedException {
            settle();
            for (String volume : files.volumes()) {
                Files.move(files.lunFile(volume), aside(volume));
            }
            reload();
            for (String volume : files.volumes()) {
                Trees.delete(files.cacheDirectory(volume));
                Files.move(aside(volume), files.lunFile(volume));
            }
            reload();
        }

        private Path aside(String volume) {
            return files.directory().resolve(volume + ".aside");
        }

        private void reload() throws IOException, InterruptedException {
            String told = server.hangUp();
            if (!told.contains("reload: APPLIED")) {
                throw new IOException("the server does not take its LUNs away or back: " + told);
            }
        }

        @Override
        public void storeLatencyMillis(int millis) {
            gateway.latencyMillis(millis);
        }

        @Override
        public void underLoad(boolean isUnderLoad) {
            gateway.holdPuts(isUnderLoad && isIdle);
        }

        @Override
        public Map<String, Double> ownFigures() throws IOException {
            Map<String, Double> sums = new TreeMap<>();
            sums.put("allocatedBytes", (double) allocation.bytes());
            sums.put("allocatedForCommands", (double) allocation.bytesOfCommands());
            for (String volume : files.volumes()) {
                Map<?, ?> status = server.status(volume);
                for (String name : List.of("bytesUploaded", "bytesDownloaded", "mappedBytes")) {
                    add(sums, name, status.get(name));
                }
                if (status.get("space") instanceof Map<?, ?> space) {
                    add(sums, "storedBytes", space.get("storedBytes"));
                    add(sums, "movedBytes", space.get("movedBytes"));
                    add(sums, "deletedSegments", space.get("deletedSegments"));
                }
            }
            return sums;
        }

        private static void add(Map<String, Double> sums, String name, @Nullable Object value) {
            if (value instanceof Number number) {
                sums.merge(name, number.doubleValue(), Double::sum);
            }
        }

        @Override
        public void close() {
            try {
                allocation.close();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } finally {
                server.close();
            }
        }
    }
}
