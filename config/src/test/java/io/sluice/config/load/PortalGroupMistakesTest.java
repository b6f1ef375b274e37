package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.PortalGroups;
import io.sluice.config.PortalGroups.Access;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Portal groups and session times: what is said of mistakes, and which access a target has. */
class PortalGroupMistakesTest {
    private final Path directory;

    PortalGroupMistakesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "portal-groups.\"0\" { portals = [\"192.0.2.2\"] }|portal-groups.0: is not a portal group tag; write a"
                        + " number from 1 to 65535 in quotes",
                "portal-groups.\"65536\" { portals = [\"192.0.2.2\"] }|portal-groups.65536: is not a portal group tag;",
                "portal-groups.slow { portals = [\"192.0.2.2\"] }|portal-groups.slow: is not a portal group tag;",
                "portal-groups.\"2\" { access = non-optimized }|portal-groups.2.portals: is missing; write portals =",
                "portal-groups.\"1\" { portals = [\"192.0.2.2\"] }|portal-groups.1.portals: group 1 listens on the"
                        + " server's portals; write these addresses into portals",
                "portal-groups.\"2\" { portals = [\"127.0.0.1:3260\"] }|portal-groups.2.portals: 127.0.0.1:3260 is there"
                        + " twice; write every address in one group, once",
                "portal-groups.\"2\" { portals = [\"192.0.2.2\"], access = standby }|portal-groups.2.access:",
                "portal-groups.\"2\" { portals = [\"192.0.2.2\"], except-targets = mail }|portal-groups.2.except-targets:",
                "session-times { ping-after = 20 s, drop-after = 20 s }|session-times.drop-after: is not longer than"
                        + " ping-after, so a silent host would never be asked; write more than 20 s, or a shorter"
                        + " ping-after",
            })
    void namesTheMistakeAndWhatToWrite(String line, String expected) {
        List<String> mistakes = new ConfigurationFolder(directory).server(line).mistakes();
        assertEquals(1, mistakes.size(), mistakes::toString);
        assertTrue(mistakes.get(0).contains(expected), mistakes::toString);
    }

    @Test
    void exceptionsHaveTheOtherAccess() {
        PortalGroups groups = new ConfigurationFolder(directory)
                .server("portal-groups { \"7\" { portals = [\"192.0.2.2\"], access = non-optimized, except-targets ="
                        + " [\"iqn.2026-11.org.example:disk1\"] } }")
                .configuration()
                .server()
                .portalGroups();
        assertEquals(Set.of(1, 7), groups.tags());
        assertEquals(Access.OPTIMIZED, groups.access(1, "iqn.2026-11.org.example:disk1"));
        assertEquals(Access.OPTIMIZED, groups.access(7, "iqn.2026-11.org.example:disk1"));
        assertEquals(Access.NON_OPTIMIZED, groups.access(7, "iqn.2026-11.org.example:other"));
    }
}
