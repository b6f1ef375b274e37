package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassphraseCommandTest {
    private static final String NEW = "a-new-secret-of-seven-words";

    private Path directory;

    private ServerFolder folder;
    private final LogCapture log = new LogCapture();
    private final StringBuilder said = new StringBuilder();

    @BeforeEach
    void configure(@TempDir Path temporary) {
        directory = temporary;
        folder = new ServerFolder(directory).lun(0, "disk", ServerFolder.encrypted());
    }

    /** No secret in any output, nor in any log line of any level. */
    @AfterEach
    void noSecretWasShown() {
        log.close();
        String all = said + log.text();
        assertFalse(all.contains(ServerFolder.PASSPHRASE), all);
        assertFalse(all.contains(NEW), all);
    }

    private CommandRun run(String... arguments) {
        CommandRun run = folder.run(arguments);
        said.append(run.all());
        return run;
    }

    @Test
    void afterAChangeOnlyTheNewPassphraseOpensTheVolume() {
        run("volume", "create", "disk").expect(ExitStatus.OK);
        folder.write("new-passphrase", NEW + "\n");
        String file = directory.resolve("new-passphrase").toString();
        CommandRun changed =
                run("passphrase", "change", "disk", "--new-file", file).expect(ExitStatus.OK);
        assertTrue(changed.out().contains("is now that of file " + file), changed.out());
        assertTrue(changed.out().contains("luns.d"), changed.out());

        CommandRun old = run("passphrase", "change", "disk", "--new-file", file).expect(ExitStatus.FAILED);
        assertTrue(old.err().contains("wrong passphrase"), old.err());

        folder.write("passphrase", NEW);
        run("passphrase", "change", "disk", "--new-command", "printf " + ServerFolder.PASSPHRASE)
                .expect(ExitStatus.OK);
        folder.write("passphrase", ServerFolder.PASSPHRASE);
        CommandRun fromEnvironment =
                run("passphrase", "change", "disk", "--new-env", "PATH").expect(ExitStatus.OK);
        assertTrue(fromEnvironment.out().contains("environment variable PATH"), fromEnvironment.out());
    }

    @Test
    void aNewPassphraseThatCannotBeHadIsToldBeforeAnythingIsTouched() {
        CommandRun missing = run("passphrase", "change", "disk", "--new-env", "SLUICE_NO_SUCH_VARIABLE")
                .expect(ExitStatus.FAILED);
        assertTrue(missing.err().contains("environment variable SLUICE_NO_SUCH_VARIABLE is not set"), missing.err());
        CommandRun failing =
                run("passphrase", "change", "disk", "--new-command", "exit 7").expect(ExitStatus.FAILED);
        assertTrue(failing.err().contains("exit status 7"), failing.err());
        CommandRun noFile = run("passphrase", "change", "disk", "--new-file", directory + "/nowhere")
                .expect(ExitStatus.FAILED);
        assertTrue(noFile.err().contains("there is no file"), noFile.err());
    }

    @Test
    void aVolumeThatIsNotEncryptedHasNoPassphraseToChange() {
        folder.lun(1, "plain", "");
        run("volume", "create", "plain").expect(ExitStatus.OK);
        CommandRun run =
                run("passphrase", "change", "plain", "--new-env", "PATH").expect(ExitStatus.FAILED);
        assertTrue(run.err().contains("not encrypted"), run.err());
    }
}
