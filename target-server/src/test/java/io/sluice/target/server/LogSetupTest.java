package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import io.sluice.config.ServerSettings.Log;
import io.sluice.target.admin.Json;
import io.sluice.target.cli.CommandRun;
import io.sluice.target.cli.ServerFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogSetupTest {
    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    @AfterEach
    void putBack() {
        System.setErr(standardError);
        LogSetup.forCommand((LoggerContext) LoggerFactory.getILoggerFactory());
    }

    private String logged(Log settings) {
        System.setErr(new PrintStream(text, true, StandardCharsets.UTF_8));
        LogSetup.forServer(settings);
        LoggerFactory.getLogger("io.sluice.Test").info("volume {} has {} bytes", "disk", 17);
        LoggerFactory.getLogger("io.sluice.Test").debug("not seen");
        LoggerFactory.getLogger("software.amazon.awssdk.Chatter").info("not seen");
        return text.toString(StandardCharsets.UTF_8);
    }

    @Test
    void textIsOneLinePerEventWithTimeAndLevel() {
        String line = logged(new Log(Log.Level.INFO, Log.Format.TEXT));
        assertTrue(
                line.matches("[0-9-]{10}T[0-9:.]{12}(Z|[+-][0-9:]{5}) INFO  \\[\\S+] Test: volume disk has 17 bytes\n"),
                line);
    }

    @Test
    void aMessageCannotForgeALine() {
        System.setErr(new PrintStream(text, true, StandardCharsets.UTF_8));
        LogSetup.forServer(new Log(Log.Level.INFO, Log.Format.TEXT));
        LoggerFactory.getLogger("io.sluice.Test").info("login of {}", "iqn.x\r\n2026 ERROR forged");
        String said = text.toString(StandardCharsets.UTF_8);
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.contains("iqn.x | 2026 ERROR forged"), said);
    }

    @Test
    void jsonIsOneObjectPerLineWithTheMessageAsPeopleReadIt() {
        String line = logged(new Log(Log.Level.INFO, Log.Format.JSON));
        assertEquals(1, line.lines().count(), line);
        Map<String, Object> event = Json.parse(line);
        assertEquals("volume disk has 17 bytes", event.get("formattedMessage"), line);
        assertEquals("INFO", event.get("level"));
        assertEquals("io.sluice.Test", event.get("loggerName"));
    }

    @Test
    void theBannerTellsVersionJavaFileAndStores(@TempDir Path directory) {
        System.setErr(new PrintStream(text, true, StandardCharsets.UTF_8));
        LogSetup.forServer(new Log(Log.Level.INFO, Log.Format.TEXT));
        ServerFolder folder = new ServerFolder(directory).lun(0, "disk", ServerFolder.encrypted());
        StartupBanner.log(folder.configurationFile(), folder.load());
        String said = text.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("sluice ") && said.contains("Java " + Runtime.version()), said);
        assertTrue(said.contains("configuration " + folder.configurationFile()), said);
        assertTrue(said.contains("store directory " + folder.path("bucket") + ": volumes disk"), said);
        assertFalse(said.contains(ServerFolder.PASSPHRASE), said);
    }

    @Test
    void serveHandsTheConfigurationToTheServer(@TempDir Path directory) throws IOException {
        ServerFolder folder = new ServerFolder(directory).lun(0, "disk", "");
        CommandRun run = CommandRun.with(
                (file, configuration, out, errors) -> {
                    out.println(file + " " + configuration.luns().size());
                    return 1;
                },
                "serve",
                "-c",
                folder.configurationFile().toString());
        assertEquals(1, run.status());
        assertEquals(folder.configurationFile() + " 1\n", run.out());
    }
}
