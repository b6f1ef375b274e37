package io.sluice.config.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.SecretSource.SecretUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each source gives, and what it says when it gives nothing. */
class SecretSourcesTest {
    private final Path directory;

    SecretSourcesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private static String failure(SecretSource source) {
        return String.valueOf(
                assertThrows(SecretUnavailableException.class, source::read).getMessage());
    }

    private static CommandSecret shell(String script) {
        return new CommandSecret(List.of("/bin/sh", "-c", script), Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hunter2|hunter2",
                "hunter2\\n|hunter2",
                "hunter2\\r\\n|hunter2",
                "hunter2\\n\\n|hunter2\\n",
                "\\n | "
            })
    void oneLineEndBehindTheSecretDoesNotBelongToIt(String content, String secret) throws Exception {
        Path file = directory.resolve("secret");
        Files.writeString(file, content.translateEscapes());
        if (secret == null) {
            assertEquals("file " + file + " is empty; put the secret there", failure(new FileSecret(file)));
        } else {
            assertEquals(Secret.ofText(secret.translateEscapes()), new FileSecret(file).read());
        }
    }

    @Test
    void fileThatIsMissingIsNamed() {
        assertEquals(
                "there is no file /nonexistent/secret; write the secret into it",
                failure(new FileSecret(Path.of("/nonexistent/secret"))));
    }

    @Test
    void fileOfUnboundedLengthIsRefused() throws IOException {
        Path file = directory.resolve("large");
        Files.write(file, new byte[SecretBytes.LENGTH_MAX]);
        assertEquals(SecretBytes.LENGTH_MAX, lengthOf(new FileSecret(file)));
        Files.write(file, new byte[SecretBytes.LENGTH_MAX + 1]);
        assertTrue(failure(new FileSecret(file)).contains("gives more than 65536 bytes"));
    }

    private static int lengthOf(SecretSource source) {
        try {
            return source.read().length();
        } catch (SecretUnavailableException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void variableGivesItsValue() throws SecretUnavailableException {
        EnvironmentSecret source = new EnvironmentSecret("PASS", Map.of("PASS", "hunter2"));
        assertEquals(Secret.ofText("hunter2"), source.read());
        assertEquals("environment variable PASS", source.toString());
        assertEquals(
                "environment variable PASS is not set; set it where Sluice is started",
                failure(new EnvironmentSecret("PASS", Map.of())));
    }

    @Test
    void commandGivesItsOutput() throws SecretUnavailableException {
        assertEquals(Secret.ofText("hunter2"), shell("echo hunter2").read());
    }

    @Test
    void commandGetsNoInputAndNoShell() throws SecretUnavailableException {
        assertEquals(Secret.ofText("end"), shell("cat; echo end").read());
        assertEquals(Secret.ofText("$HOME;x"), new CommandSecret(List.of("/bin/echo", "$HOME;x")).read());
    }

    @Test
    void argumentsAndErrorOutputOfAFailedCommandAreNotShown() {
        CommandSecret source = shell("echo hunter2 >&2; echo hunter2; exit 3");
        assertEquals(
                "command [/bin/sh, ...] failed with exit status 3; run it by hand as the user that runs Sluice",
                failure(source));
        assertFalse(source.toString().contains("hunter2"));
    }

    @Test
    void commandThatDoesNotExistIsNamed() {
        assertEquals(
                "command [/nonexistent/pass] cannot be started; check the program's path",
                failure(new CommandSecret(List.of("/nonexistent/pass"))));
    }

    @Test
    void commandThatHangsIsEndedWithItsChildren() {
        CommandSecret source =
                new CommandSecret(List.of("/bin/sh", "-c", "sleep 61 & sleep 62"), Duration.ofMillis(200));
        String message = assertTimeoutPreemptively(Duration.ofSeconds(5), () -> failure(source));
        assertEquals(
                "command [/bin/sh, ...] did not end within 200 ms; run it by hand as the user that runs Sluice",
                message);
        // A process that was killed is gone when the kernel has come to it, which is not at once.
        assertTimeoutPreemptively(Duration.ofSeconds(10), SecretSourcesTest::awaitNoSleeper);
    }

    private static void awaitNoSleeper() {
        while (ProcessHandle.current()
                .descendants()
                .anyMatch(process -> process.isAlive()
                        && process.info().commandLine().orElse("").contains("sleep 62"))) {
            Thread.onSpinWait();
        }
    }

    @Test
    void childThatKeepsThePipeOpenDoesNotDelayTheSecret() {
        Secret secret = assertTimeoutPreemptively(
                Duration.ofSeconds(3), () -> shell("sleep 4 & echo hunter2").read());
        assertEquals(Secret.ofText("hunter2"), secret);
    }

    @Test
    void endlessOutputIsCut() {
        String message = assertTimeoutPreemptively(Duration.ofSeconds(5), () -> failure(shell("cat /dev/zero")));
        assertTrue(message.contains("gives more than 65536 bytes"), message);
    }
}
