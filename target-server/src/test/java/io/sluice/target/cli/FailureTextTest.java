package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FailureTextTest {
    @Test
    void aPathAloneBecomesASentence() {
        assertEquals(
                "there is no file or directory /a/b; create it, or correct the path in the configuration",
                FailureText.of(new NoSuchFileException("/a/b")));
        assertTrue(FailureText.of(new AccessDeniedException("/a")).startsWith("no permission to use /a; let the user"));
        assertTrue(FailureText.of(new FileAlreadyExistsException("/a")).startsWith("/a is in the way; move it"));
        assertEquals(
                "/a: No space left on device; make space on this file system",
                FailureText.of(new FileSystemException("/a", null, "No space left on device")));
        assertTrue(FailureText.of(new FileSystemException("/a")).contains("check that it is there"));
    }

    @Test
    void wrappersOfFuturesAreSeenThrough() {
        Throwable inner = new NoSuchFileException("/a");
        assertEquals(
                FailureText.of(inner),
                FailureText.of(new ExecutionException(
                        new CompletionException(new UncheckedIOException(new NoSuchFileException("/a"))))));
    }

    @Test
    void aCauseInJavasWordsInsideAMessageIsSaidInOurs() {
        IOException cause = new AccessDeniedException("/a/c");
        String text = FailureText.of(new IOException("the directory /a/c cannot be created: " + cause, cause));
        assertTrue(text.startsWith("the directory /a/c cannot be created: no permission to use /a/c; let"), text);
    }

    @Test
    void messagesOfSluiceItselfStayAsTheyAre() {
        assertEquals("wrong passphrase", FailureText.of(new IOException("wrong passphrase", new IOException("tag"))));
        assertFalse(FailureText.isOurMistake(new CompletionException(new IOException("x"))));
    }

    @Test
    void aMistakeOfOursIsCalledSo() {
        RuntimeException mistake = new IllegalStateException("offset 7");
        assertTrue(FailureText.isOurMistake(new CompletionException(mistake)));
        assertTrue(FailureText.of(mistake).contains("offset 7"), FailureText.of(mistake));
        assertTrue(FailureText.of(mistake).contains("please report it"));
    }

    @Test
    void theTextIsOneLine() {
        assertEquals("a | b", FailureText.of(new IOException("a\r\n  b")));
        assertTrue(FailureText.of(new IOException()).contains("IOException"));
    }
}
