package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The distribution starts, tells where its LUNs are, answers {@code sluice status} and stops when told to. */
final class SluiceProcessTest {
    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void startsServesAndStops() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory).fileStore().lun("disk", "size = 64 MiB");
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            assertEquals(List.of(files.url("disk")), server.urls());
            Programs.Outcome info = Programs.run(
                            Programs.SHORT, "qemu-img", "info", "-f", "raw", "--output=json", server.url("disk"))
                    .expect(0);
            assertTrue(info.out().contains("\"virtual-size\": " + (64 << 20)), info.toString());
            assertEquals("disk", server.status("disk").get("volume"));
            assertEquals(0, server.stop(), server.log());
        }
    }
}
