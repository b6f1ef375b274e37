package io.sluice.integration;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory of its own below target/work: deleted when the test passes, kept, with its path told, when it fails. */
@Target({ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
@TempDir(factory = WorkDirectory.BelowTarget.class, cleanup = CleanupMode.ON_SUCCESS)
public @interface WorkDirectory {
    /** Makes it. */
    final class BelowTarget implements TempDirFactory {
        private static final Logger log = LoggerFactory.getLogger(BelowTarget.class);

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            Path parent = Distribution.moduleDirectory().resolve("target/work");
            Files.createDirectories(parent);
            Path made = Files.createTempDirectory(
                    parent, test.getRequiredTestClass().getSimpleName() + "-");
            log.info("{} works in {}, which is kept when it fails", test.getDisplayName(), made);
            return made;
        }
    }
}
