package io.sluice.integration.bench;

import io.sluice.integration.ConfigurationFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The target that jSCSI ships, on a file, one LUN, one session at a time.
 *
 * @param libraries directory with its jar and what it needs
 */
record JscsiPeer(Path libraries) implements Peer {
    private static final String TARGET = "iqn.2026-11.io.sluice.bench:jscsi";
    private static final String JAR = "target-2.5.2.jar";
    private static final String MAIN = "org.jscsi.target.TargetServer";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /** Where integration-tests/bench has put it. */
    static JscsiPeer installed() {
        return new JscsiPeer(Path.of(System.getProperty("sluice.bench.cache", "target/bench"), "jscsi"));
    }

    @Override
    public String name() {
        return "jscsi";
    }

    @Override
    public String describe() {
        return "the stock jSCSI target 2.5.2 on a file";
    }

    @Override
    public boolean keepsData() {
        return true;
    }

    @Override
    public boolean usesStore() {
        return false;
    }

    /** Commands that arrive while it waits for Data-Out vanish. */
    @Override
    public int fillDepth() {
        return 1;
    }

    @Override
    public Optional<String> hindrance() {
        return Files.isDirectory(libraries) ? Optional.empty() : Optional.of("its libraries are not in " + libraries);
    }

    @Override
    public RunningPeer start(Place place, Demand demand) throws IOException, InterruptedException {
        if (demand.luns() != 1) {
            throw new IllegalArgumentException("the stock jSCSI target is given one LUN, not " + demand.luns());
        }
        Files.createDirectories(place.directory());
        Path store = place.directory().resolve("lun.img");
        try (RandomAccessFile file = new RandomAccessFile(store.toFile(), "rw")) {
            file.setLength(demand.lunBytes());
        }
        int port = ConfigurationFiles.freePort();
        Path configuration = place.directory().resolve("target.xml");
        Files.writeString(configuration, xml(store, port));
        Path schema = place.directory().resolve("jscsi-target.xsd");
        copySchemaTo(schema);
        Path answer = place.directory().resolve("address-number");
        Files.writeString(answer, loopbackNumber() + "\n");
        Path log = place.directory().resolve("jscsi.log");
        Process process = place.cleanup()
                .add(new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                libraries + "/*",
                                MAIN,
                                schema.toString(),
                                configuration.toString())
                        .redirectInput(answer.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start());
        awaitPort(process, port, log);
        return new Running(process, "iscsi://127.0.0.1:" + port + "/" + TARGET + "/0");
    }

    private void copySchemaTo(Path schema) throws IOException {
        try (URLClassLoader jar = new URLClassLoader(
                        new URL[] {libraries.resolve(JAR).toUri().toURL()});
                InputStream stream = jar.getResourceAsStream("jscsi-target.xsd")) {
            if (stream == null) {
                throw new IOException("no schema in " + JAR);
            }
            Files.copy(stream, schema);
        }
    }

    private static String xml(Path store, int port) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <configuration xmlns="http://www.jscsi.org/2010-04">
                  <TargetList>
                    <Target>
                      <TargetName>%s</TargetName>
                      <SyncFileStorage><Path>%s</Path><DontCreate/></SyncFileStorage>
                    </Target>
                  </TargetList>
                  <GlobalConfig>
                    <AllowSloppyNegotiation>true</AllowSloppyNegotiation>
                    <Port>%d</Port>
                  </GlobalConfig>
                </configuration>
                """.formatted(TARGET, HtmlReport.escaped(store.toString()), port);
    }

    /** The program lists the addresses of the machine and asks on its standard input which one to listen on. */
    private static int loopbackNumber() throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            addresses.addAll(Collections.list(network.getInetAddresses()));
        }
        int number = addresses.indexOf(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        if (number < 0) {
            throw new IOException("there is no 127.0.0.1 among " + addresses);
        }
        return number;
    }

    private static void awaitPort(Process process, int port, Path log) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + START_LIMIT.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > endNanos) {
                throw new IOException("jSCSI does not start:\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
    }

    /** Asked of the kernel: a connection that comes and goes without a login ends the server. */
    private static boolean listens(int port) throws IOException {
        return ProcFiles.listens(Files.readString(Path.of("/proc/net/tcp")), port)
                || ProcFiles.listens(Files.readString(Path.of("/proc/net/tcp6")), port);
    }

    private record Running(Process process, String url) implements LocalRunningPeer {
        @Override
        public List<String> urls() {
            return List.of(url);
        }

        @Override
        public List<Long> pids() {
            return List.of(process.pid());
        }

        /** It writes through. */
        @Override
        public void settle() {}
    }
}
