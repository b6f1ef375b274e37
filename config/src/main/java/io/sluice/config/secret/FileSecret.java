package io.sluice.config.secret;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Set;

/** A secret in a file; a line end behind it does not belong to it. */
public record FileSecret(Path file) implements SecretSource {
    private static final Set<PosixFilePermission> FOR_OTHERS =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    @Override
    public Secret read() throws SecretUnavailableException {
        byte[] content = readContent();
        try {
            return SecretBytes.secretOf(content, content.length, this);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private byte[] readContent() throws SecretUnavailableException {
        if (Files.isDirectory(file)) {
            throw new SecretUnavailableException(describe() + " is a directory; give the path of a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(SecretBytes.LENGTH_MAX + 1);
        } catch (NoSuchFileException e) {
            throw new SecretUnavailableException("there is no " + describe() + "; write the secret into it");
        } catch (AccessDeniedException e) {
            throw new SecretUnavailableException(
                    describe() + " may not be read; let the user that runs Sluice read it");
        } catch (IOException e) {
            String kind = e.getClass().getSimpleName();
            throw new SecretUnavailableException(describe() + " cannot be read (" + kind + "); check the file system");
        }
    }

    /** Whether the file system lets others than its owner read it; false where it does not know permissions. */
    public boolean isReadableByOthers() {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        try {
            return view != null && view.readAttributes().permissions().stream().anyMatch(FOR_OTHERS::contains);
        } catch (IOException e) {
            return false; // read() tells what is wrong with the file
        }
    }

    @Override
    public String describe() {
        return "file " + file;
    }

    @Override
    public String toString() {
        return describe();
    }
}
