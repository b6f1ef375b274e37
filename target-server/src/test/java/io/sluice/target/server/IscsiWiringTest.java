package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ServerSettings;
import io.sluice.target.access.AccessPolicy;
import io.sluice.target.cli.ServerFolder;
import io.sluice.target.iscsi.IscsiSettings;
import io.sluice.target.iscsi.login.Admission.Access;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the configuration says reaches the iSCSI server. */
final class IscsiWiringTest {
    private Path directory;

    @BeforeEach
    void take(@TempDir Path temporary) {
        directory = temporary;
    }

    private ServerFolder folder(String more) throws IOException {
        ServerFolder folder = new ServerFolder(directory).lun(0, "disk", "");
        return folder.write("sluice.conf", Files.readString(folder.configurationFile()) + more + "\n");
    }

    @Test
    void theMemoryBeforeLoginBoundsBufferAndTextTogether() throws Exception {
        for (int kibibytes : List.of(32, 64, 1024)) {
            IscsiSettings settings = IscsiWiring.settings(folder("limits.memory-before-login = " + kibibytes + " KiB")
                    .load()
                    .server());
            assertEquals(kibibytes << 9, settings.session().preLoginBufferBytes());
            assertEquals(kibibytes << 9, settings.session().loginRequestBytesMax());
        }
    }

    @Test
    void limitsAndAdvertisedPortalsArriveAsTheyAreWritten() throws Exception {
        IscsiSettings settings = IscsiWiring.settings(folder("limits { connections-before-login = 7,"
                        + " connections-before-login-per-address = 3 }\nadvertise = [\"san.example.org:860\"]")
                .load()
                .server());
        assertEquals(7, settings.session().halfOpenMax());
        assertEquals(3, settings.session().halfOpenPerAddressMax());
        assertTrue(
                settings.advertised().get(0).address().isUnresolved(), "the host looks the name up, not this server");
        assertEquals("san.example.org", settings.advertised().get(0).address().getHostString());
    }

    @Test
    void theAccessPolicyIsReplacedAsAWhole() throws Exception {
        ServerFolder folder = folder("");
        ServedTargets targets = new ServedTargets(
                folder.load().luns().stream().map(ServedLun::notYetOpen).toList(),
                policy(folder.load().server()));
        InetAddress here = InetAddress.getLoopbackAddress();
        assertEquals(List.of(ServerFolder.TARGET), targets.visibleTo("iqn.2026-11.org.example:a", here));
        assertEquals(
                Access.NOT_FOUND,
                targets.admission("iqn.2026-11.org.example:a", here, "iqn.2026-11.org.example:none")
                        .access());
        targets.replaceAccess(policy(
                folder("targets.\"" + ServerFolder.TARGET + "\".allow.initiators = \"iqn.2026-11.org.example:b\"")
                        .load()
                        .server()));
        assertEquals(List.of(), targets.visibleTo("iqn.2026-11.org.example:a", here));
        assertEquals(
                Access.FORBIDDEN,
                targets.admission("iqn.2026-11.org.example:a", here, ServerFolder.TARGET)
                        .access());
        assertEquals(List.of(ServerFolder.TARGET), targets.visibleTo("iqn.2026-11.org.example:b", here));
    }

    private static AccessPolicy policy(ServerSettings settings) throws IOException {
        return AccessPolicy.read(settings, destination -> Arrays.fill(destination, (byte) 1));
    }
}
