package io.sluice.target.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.TestInitiator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.slf4j.LoggerFactory;

/** Records the corpus anew, through a relay: {@code -Dtest=CorpusRecordingTest -Dsluice.fuzz.record=true}. */
@EnabledIfSystemProperty(named = "sluice.fuzz.record", matches = "true")
final class CorpusRecordingTest {
    private static final int STREAM_BYTES_MAX = 7_000;
    private static final int RECORDED_BYTES_MAX = 256 << 10;
    private static final Path FOLDER = Path.of("src", "test", "resources", "fuzz", "corpus");
    private static final List<String> SUITE_TESTS = List.of(
            "SCSI.Write10.Simple",
            "SCSI.WriteSame16.Unmap",
            "SCSI.Unmap.Simple",
            "SCSI.CompareAndWrite.Simple",
            "SCSI.OrWrite.Simple",
            "SCSI.Verify16.Mismatch",
            "SCSI.ProutReserve.Simple",
            "SCSI.PrinReportCapabilities.Simple",
            "SCSI.Inquiry.BlockLimits",
            "SCSI.ReportSupportedOpcodes.Simple",
            "iSCSI.iSCSIResiduals.Write10Residuals",
            "iSCSI.iSCSITMF.LogicalUnitReset",
            "iSCSI.iSCSIcmdsn.iSCSICmdSnTooHigh");

    @Test
    void recordsWhatRealInitiatorsSend() throws Exception {
        try (FuzzServer server = new FuzzServer();
                Relay relay = new Relay(server.address())) {
            String unit = "iscsi://127.0.0.1:" + relay.port() + "/" + FuzzServer.ATTACKED + "/2";
            run(relay, "ls", "iscsi-ls", "-s", "iscsi://127.0.0.1:" + relay.port());
            run(relay, "inq", "iscsi-inq", unit);
            run(relay, "qemu-img", "qemu-img", "info", unit);
            run(
                    relay,
                    "qemu-io",
                    "qemu-io",
                    "-f",
                    "raw",
                    "-c",
                    "write -P 0x5a 0 4k",
                    "-c",
                    "read 0 64k",
                    "-c",
                    "discard 64k 64k",
                    "-c",
                    "write -z 0 8k",
                    "-c",
                    "map",
                    "-c",
                    "flush",
                    unit);
            for (String test : SUITE_TESTS) {
                run(relay, "suite-" + test.replaceFirst("^.*?\\.", ""), "iscsi-test-cu", "-d", "-t", test, unit);
            }
            scripted(relay);
            relay.store();
        }
        assertTrue(Files.size(FOLDER.resolve("index.txt")) > 0);
    }

    private static void run(Relay relay, String name, String... command) throws IOException, InterruptedException {
        relay.name(name);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(15, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        LoggerFactory.getLogger(CorpusRecordingTest.class)
                .info("{}: exit {}", name, process.isAlive() ? "none" : process.exitValue());
    }

    /** Unsolicited data and a ping, from the scripted initiator of these tests. */
    private static void scripted(Relay relay) throws IOException {
        relay.name("scripted");
        InetSocketAddress portal = new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port());
        try (TestInitiator initiator = new TestInitiator(portal)) {
            initiator.login(FuzzServer.ATTACKED, "InitialR2T", "No", "ImmediateData", "Yes");
            initiator.exchange(initiator.ping(new byte[] {1, 2, 3}));
            for (int i = 0; i < 3; i++) {
                initiator.exchange(initiator.command(0x81, 0, new byte[6]).putShort(8, 2));
            }
            var command = initiator
                    .command(0x21, 2048, TestInitiator.cdb10(0x2a, 8, 4))
                    .putShort(8, 2)
                    .data(new byte[512]);
            initiator.send(command, initiator.unsolicited(false, command.tag(), 0, 512, new byte[512]));
            initiator.exchange(initiator.unsolicited(true, command.tag(), 1, 1024, new byte[1024]));
            initiator.send(initiator.write(9, new byte[512]).putShort(8, 2));
            initiator.receive();
            initiator.exchange(initiator.manage(1, 0x100, 1));
            initiator.exchange(initiator.logout(0));
        }
    }

    /** Passes bytes on in both directions and keeps those of the initiator. */
    private static final class Relay implements AutoCloseable {
        private record Stream(String name, ByteArrayOutputStream bytes) {}

        private final InetSocketAddress target;
        private final ServerSocket listener;
        private final List<Stream> streams = Collections.synchronizedList(new ArrayList<>());
        private volatile String name = "";

        Relay(InetSocketAddress target) throws IOException {
            this.target = target;
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            start(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        void name(String next) {
            name = next;
        }

        private interface Work {
            void run() throws IOException;
        }

        private static void start(Work work) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run();
                        } catch (SocketException e) {
                            LoggerFactory.getLogger(Relay.class).debug("a side has gone", e);
                        } catch (IOException e) {
                            LoggerFactory.getLogger(Relay.class).warn("relay", e);
                        }
                    },
                    "relay");
            thread.setDaemon(true);
            thread.start();
        }

        private void accept() throws IOException {
            while (true) {
                Socket initiator = listener.accept();
                Socket server = new Socket(target.getAddress(), target.getPort());
                Stream stream = new Stream(name, new ByteArrayOutputStream());
                streams.add(stream);
                start(() -> pass(initiator, server, stream.bytes()));
                start(() -> pass(server, initiator, null));
            }
        }

        private static void pass(Socket from, Socket to, @Nullable ByteArrayOutputStream copy) throws IOException {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[64 << 10];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    keep(buffer, count, copy);
                    to.getOutputStream().write(buffer, 0, count);
                }
            }
        }

        private static void keep(byte[] buffer, int count, @Nullable ByteArrayOutputStream copy) {
            if (copy != null && copy.size() < RECORDED_BYTES_MAX) {
                copy.write(buffer, 0, count);
            }
        }

        /** The first PDUs of each stream, whole ones. */
        void store() throws IOException {
            List<String> index = new ArrayList<>();
            Set<Integer> lengths = new HashSet<>();
            for (Stream stream : List.copyOf(streams)) {
                ByteArrayOutputStream kept = new ByteArrayOutputStream();
                for (byte[] pdu : Wire.split(stream.bytes().toByteArray())) {
                    if (kept.size() + pdu.length <= STREAM_BYTES_MAX) {
                        kept.writeBytes(pdu);
                    }
                }
                // The suite begins each test with the same connection; one of them is enough.
                if (kept.size() > 0 && lengths.add(kept.size())) {
                    String file = String.format("%02d-%s.pdus", index.size(), stream.name());
                    Files.write(FOLDER.resolve(file), kept.toByteArray());
                    index.add(file);
                }
            }
            Files.writeString(FOLDER.resolve("index.txt"), String.join("\n", index) + "\n");
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
