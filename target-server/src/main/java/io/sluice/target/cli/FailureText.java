package io.sluice.target.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What an operator is told of a failure: a sentence with what happened, where, and what to do. Sluice's own exceptions
 * bring one; those of the JDK's file system have only a path, which says nothing to a person.
 */
public final class FailureText {
    private static final int DEPTH_MAX = 8;

    private FailureText() {}

    /** One line, never empty. */
    public static String of(Throwable failure) {
        return text(unwrap(failure), DEPTH_MAX).replaceAll("\\s*[\\r\\n]+\\s*", " | ");
    }

    /** The failure itself, out of what futures and streams wrap around it. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while (isWrapper(cause) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static boolean isWrapper(Throwable failure) {
        return failure instanceof CompletionException
                || failure instanceof ExecutionException
                || failure instanceof UncheckedIOException;
    }

    /** Not an operating error but a mistake in Sluice: its stack trace belongs into the log. */
    public static boolean isOurMistake(Throwable failure) {
        Throwable cause = unwrap(failure);
        return (cause instanceof RuntimeException && !(cause instanceof CommandFailure)) || cause instanceof Error;
    }

    private static String text(Throwable failure, int depth) {
        if (failure instanceof FileSystemException located) {
            return sentence(located);
        }
        String message = failure.getMessage();
        if (isOurMistake(failure) || message == null) {
            return "something unexpected happened: " + failure
                    + (isOurMistake(failure) ? "; this is a mistake in Sluice, please report it" : "");
        }
        Throwable cause = failure.getCause();
        return cause == null || depth == 0 ? message : withoutClassNames(message, cause, depth);
    }

    /** A message that ends with its cause in Java's words gets the cause in ours. */
    private static String withoutClassNames(String message, Throwable cause, int depth) {
        String javaWords = cause.toString();
        if (!message.contains(javaWords)) {
            return message;
        }
        return message.replace(javaWords, cause instanceof IOException ? text(cause, depth - 1) : reason(cause));
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static String sentence(FileSystemException failure) {
        String path = failure.getFile() == null ? "a file" : failure.getFile();
        if (failure instanceof NoSuchFileException) {
            return "there is no file or directory " + path + "; create it, or correct the path in the configuration";
        }
        if (failure instanceof AccessDeniedException) {
            return "no permission to use " + path + "; let the user that runs Sluice ("
                    + System.getProperty("user.name") + ") read and write there";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return path + " is in the way; move it elsewhere, or choose another path in the configuration";
        }
        return path + ": " + reasonOf(failure.getReason());
    }

    private static String reasonOf(@Nullable String reason) {
        if (reason == null) {
            return "the file system refuses to work with it; check that it is there and that it can be written";
        }
        if (reason.contains("No space left") || reason.contains("quota exceeded")) {
            return reason + "; make space on this file system";
        }
        return reason + "; check this path and its file system";
    }
}
