package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The committed page is what the declarations say. */
class ConfigurationReferenceTest {
    private static final Path PAGE = Path.of("REFERENCE.md");

    @Test
    void committedPageIsThatOfTheDeclarations() throws IOException {
        if (Boolean.getBoolean("sluice.reference.write")) {
            Files.writeString(PAGE, ConfigurationReference.markdown());
        }
        assertEquals(
                ConfigurationReference.markdown(),
                Files.readString(PAGE),
                "write it anew: mvn -pl config test -Dtest=ConfigurationReferenceTest -Dsluice.reference.write=true");
    }
}
