package io.sluice.integration.bench;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.SluiceProcess;
import io.sluice.target.iscsi.TestInitiator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/** From the start of the packaged server, with a volume that was closed in order, to the first login that succeeds. */
final class StartTime {
    static final String NAME = "start to first login, s";

    private static final String VOLUME = "start";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final double NANOS_PER_SECOND = 1e9;

    private StartTime() {}

    /** The median of several starts, in seconds. */
    static double measure(Path directory, int starts) throws IOException, InterruptedException {
        ConfigurationFiles files = ConfigurationFiles.in(directory).fileStore().lun(VOLUME, "size = 1 GiB");
        files.environment("SLUICE_JAVA_OPTS", System.getProperty("sluice.bench.java.options", ""));
        SluiceProcess.startWithVolumes(files).stop();
        double[] seconds = new double[starts];
        for (int start = 0; start < starts; start++) {
            long beginNanos = System.nanoTime();
            try (SluiceProcess server = SluiceProcess.launch(files)) {
                awaitLogin(files.port(), beginNanos + LIMIT.toNanos());
                seconds[start] = (System.nanoTime() - beginNanos) / NANOS_PER_SECOND;
                server.stop();
            }
        }
        return Statistics.median(seconds);
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
