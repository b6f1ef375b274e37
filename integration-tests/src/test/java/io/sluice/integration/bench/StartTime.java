package io.sluice.integration.bench;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.S3ProxyServer;
import io.sluice.integration.SluiceProcess;
import io.sluice.target.iscsi.TestInitiator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/**
 * From the start of the packaged server to the first login that succeeds: an encrypted volume in the S3 server, closed in
 * order; a class archive as quickstart and the service unit have it made before. What the S3 server does meanwhile is
 * in it, on the same processors. The first third of the starts is not measured: in them the S3 server's own compilers and the
 * machine's page cache have their first time.
 */
final class StartTime {
    static final String NAME = "start to first login, s";

    private static final String WITHOUT_ARCHIVE = "start to first login without a class archive, s";
    private static final String IN_DIRECTORY = "start to first login, store in a directory, s";
    private static final String VOLUME = "start";
    private static final String BUCKET = "start-time";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final double NANOS_PER_SECOND = 1e9;

    private StartTime() {}

    /** Medians of {@code starts} starts, by name. */
    static Map<String, Double> measure(S3ProxyServer store, Path directory, int starts)
            throws IOException, InterruptedException {
        store.createBucket(BUCKET);
        ConfigurationFiles far =
                withVolume(ConfigurationFiles.in(directory.resolve("s3")).s3Store(store.endpoint(), BUCKET));
        ConfigurationFiles near =
                withVolume(ConfigurationFiles.in(directory.resolve("directory")).fileStore());
        double without = median(far, starts);
        SluiceProcess.archiveClasses(far);
        SluiceProcess.archiveClasses(near);
        return Map.of(WITHOUT_ARCHIVE, without, NAME, median(far, starts), IN_DIRECTORY, median(near, starts));
    }

    private static ConfigurationFiles withVolume(ConfigurationFiles files) throws IOException, InterruptedException {
        files.lun(VOLUME, "size = 1 GiB");
        files.environment("SLUICE_JAVA_OPTS", System.getProperty("sluice.bench.java.options", ""));
        SluiceProcess.startWithVolumes(files).stop();
        return files;
    }

    private static double median(ConfigurationFiles files, int starts) throws IOException, InterruptedException {
        double[] seconds = new double[starts];
        for (int start = 0; start < starts; start++) {
            seconds[start] = start(files);
        }
        return Statistics.median(Arrays.copyOfRange(seconds, starts / 3, starts));
    }

    /** Seconds. */
    private static double start(ConfigurationFiles files) throws IOException, InterruptedException {
        long beginNanos = System.nanoTime();
        try (SluiceProcess server = SluiceProcess.launch(files)) {
            awaitLogin(files.port(), beginNanos + LIMIT.toNanos());
            double seconds = (System.nanoTime() - beginNanos) / NANOS_PER_SECOND;
            server.stop();
            return seconds;
        }
    }

    private static void awaitLogin(int port, long endNanos) throws IOException, InterruptedException {
        while (!canLogIn(port)) {
            if (System.nanoTime() > endNanos) {
                throw new IOException("nobody can log in within " + LIMIT);
            }
            Thread.sleep(10);
        }
    }

    private static boolean canLogIn(int port) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (TestInitiator initiator = new TestInitiator(address)) {
            return initiator.login(ConfigurationFiles.target(VOLUME)).loginStatus() == 0;
        } catch (IOException notYet) {
            return false;
        }
    }
}
