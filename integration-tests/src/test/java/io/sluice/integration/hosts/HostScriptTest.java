package io.sluice.integration.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Windows and ESXi cannot run here: what they are documented to send is replayed byte by byte against the packaged server.
 * Every script has a target of its own with one or two LUNs of 64 MiB, reached over two portals.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostScriptTest {
    private static final Logger log = LoggerFactory.getLogger(HostScriptTest.class);
    private static final List<String> SCRIPTS = List.of(
            "windows-bring-up",
            "windows-mpio",
            "windows-cluster-validation",
            "windows-cluster-arbitration",
            "windows-thin-format",
            "esxi-claim",
            "esxi-ats",
            "esxi-xcopy",
            "esxi-zero-and-unmap");

    private static final Set<String> WITH_SECOND_LUN =
            Set.of("windows-bring-up", "windows-mpio", "windows-cluster-arbitration", "esxi-claim", "esxi-xcopy");

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private SluiceProcess server;

    @SuppressWarnings("NullAway.Init")
    private List<InetSocketAddress> portals;

    @BeforeAll
    void startServer() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory);
        int secondPort = ConfigurationFiles.freePort();
        files.fileStore()
                .server("portals = [\"127.0.0.1:" + files.port() + "\", \"127.0.0.1:" + secondPort + "\"]")
                .defaults(
                        "journal { capacity = 16 MiB, file-size = 4 MiB }",
                        "read-cache.capacity = 16 MiB",
                        "index.memory = 4 MiB",
                        "flush.segment-size = 1 MiB",
                        "encryption = none");
        for (String script : SCRIPTS) {
            String target = "target = \"" + ConfigurationFiles.target(script) + "\"";
            files.lun(script, target, "lun = 0", "size = 64 MiB");
            if (WITH_SECOND_LUN.contains(script)) {
                files.lun(script + "-1", target, "lun = 1", "size = 64 MiB");
            }
        }
        server = SluiceProcess.startWithVolumes(files);
        portals = Stream.of(files.port(), secondPort)
                .map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .toList();
    }

    @AfterAll
    void stopServer() throws IOException, InterruptedException {
        try (SluiceProcess stopped = server) {
            assertEquals(0, stopped.stop(), stopped.log());
        }
    }

    static List<String> scripts() {
        return SCRIPTS;
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void getsWhatItsHostExpects(String name) throws IOException {
        try (HostScriptPlayer player = new HostScriptPlayer(load(name), ConfigurationFiles.target(name), portals)) {
            log.info("{}: {} steps", name, player.play());
        }
    }

    @Test
    void aWrongAnswerIsTold() throws IOException {
        List<String> lines = List.of(
                "login a as iqn.2026-11.io.sluice.test:wrong isid 400000000001",
                "a lun 0: 12 00 00 00 24 00 ; INQUIRY",
                "  in 36",
                "  at 0: 00 00 07");
        HostScript script = HostScriptParser.parse("wrong", lines);
        try (HostScriptPlayer player =
                new HostScriptPlayer(script, ConfigurationFiles.target(SCRIPTS.get(0)), portals)) {
            AssertionError error = assertThrows(AssertionError.class, player::play);
            assertTrue(String.valueOf(error.getMessage()).contains("byte 2 is 06, expected 07"), error::getMessage);
        }
    }

    @Test
    void aLineThatIsNotUnderstoodIsToldWithItsNumber() {
        List<String> lines = List.of("", "a lun 0: 00", "  goof");
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> HostScriptParser.parse("wrong", lines));
        assertTrue(String.valueOf(error.getMessage()).contains("line 2: not understood: goof"), error::getMessage);
    }

    private static HostScript load(String name) throws IOException {
        try (InputStream in = HostScriptTest.class.getResourceAsStream("/hosts/" + name + ".scsi")) {
            if (in == null) {
                throw new IOException("no script " + name);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return HostScriptParser.parse(name, text.lines().toList());
        }
    }
}
