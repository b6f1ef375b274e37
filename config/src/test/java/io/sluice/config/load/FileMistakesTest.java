package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are missing or are not HOCON, and what includes and substitutions do. */
class FileMistakesTest {
    private final Path directory;

    FileMistakesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void missingServerFileIsAMistakeAndLunFilesAreStillParsed() {
        assertEquals(
                List.of(
                        "luns.d/a.conf:2: not HOCON: a brace or bracket is still open at the end of the file;"
                                + " check quotes, braces and commas here",
                        "sluice.conf: there is no such file; write the file, or give the path of another one"),
                new ConfigurationFolder(directory).lun("a = { b = 1\n").mistakes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a = hunter2 \"x|a quoted text does not end on its line",
                "a { b }|a key has no value",
                "a = [1|a brace or bracket is still open at the end of the file",
                "a = [1 { b = 2 } = 3]|a list is not closed with ], or lacks a comma",
                "a = ${x|a ${ is not closed with }",
                "a = \"\\x\"|a backslash in a quoted text is not doubled",
                "= 3|a key is expected here",
                "a = 1}|a } has no {",
                "a = $x|a $ stands outside quotes",
                "a.b. = 1|a key begins or ends with a dot, or has two in a row",
                "include x|include is not followed by a file name in quotes",
                "a = @x|a reserved character stands outside quotes",
                "a = }|a value is expected here",
                "a = 1 b = 2|something unexpected follows a value, or a comma or line end is missing",
            })
    void whatIsNotHoconIsToldInPlainWords(String line, String words) {
        assertEquals(
                List.of("luns.d/a.conf:5: not HOCON: " + words + "; check quotes, braces and commas here"),
                new ConfigurationFolder(directory).goodLunWith(line).mistakes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "include required(\"common.conf\")|include \"common.conf\": an included file is not there or cannot be"
                        + " read; write that file, or remove the include",
                "include required(file(\"common.conf\"))|include \"common.conf\": an included file is not there or"
                        + " cannot be read; write that file, or remove the include",
                "include \"http://h/a.conf\"|include \"http://h/a.conf\": only files can be included; write include"
                        + " \"file.conf\"",
                "include url(\"http://h/a.conf\")|include \"http://h/a.conf\": only files can be included; write"
                        + " include \"file.conf\"",
                "include classpath(\"a.conf\")|include \"a.conf\": only files can be included; write include"
                        + " \"file.conf\"",
                "include \"a.conf\"|include \"a.conf\": files include each other in a circle; remove one of the includes",
            })
    void includeThatCannotBeDoneIsBlamedOnItsLine(String line, String expected) {
        assertEquals(
                List.of("luns.d/a.conf:5: " + expected),
                new ConfigurationFolder(directory).goodLunWith(line).mistakes());
    }

    @Test
    void filesThatIncludeEachOtherAreAMistake() {
        List<String> mistakes = new ConfigurationFolder(directory)
                .goodLunWith("include \"../b.conf\"")
                .file("b.conf", "include \"luns.d/a.conf\"")
                .mistakes();
        assertEquals(1, mistakes.size(), mistakes::toString);
        assertTrue(mistakes.get(0).contains("files include each other in a circle"), mistakes::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"inner/c.conf\"", "\"inner/c\"", "file(\"inner/c.conf\")", "required(file(\"inner/c.conf\"))"})
    void includesAreRelativeToTheIncludingFile(String include) {
        assertEquals(
                "DEEP",
                new ConfigurationFolder(directory)
                        .file("common/b.conf", "include " + include)
                        .file("common/inner/c.conf", "vendor = DEEP")
                        .goodLunWith("include \"../common/b.conf\"")
                        .configuration()
                        .luns()
                        .get(0)
                        .vendor());
    }

    @Test
    void includeThatIsNotRequiredMayBeMissing() {
        ConfigurationFolder folder = new ConfigurationFolder(directory).goodLunWith("include \"local.conf\"");
        assertEquals(1, folder.configuration().luns().size());
    }

    @Test
    void mistakeInAnIncludedFileIsBlamedOnThatFile() {
        assertEquals(
                List.of("common/flush.conf:2: flush.uploads: \"0\" is out of range; write a value from 1 to 64"),
                new ConfigurationFolder(directory)
                        .file("common/flush.conf", "\nflush.uploads = 0")
                        .goodLunWith("include \"../common/flush.conf\"")
                        .mistakes());
    }

    @Test
    void circleOfSubstitutionsIsAMistake() {
        List<String> mistakes = new ConfigurationFolder(directory)
                .goodLunWith("vendor = ${product}\nproduct = ${vendor}")
                .mistakes();
        assertEquals(1, mistakes.size(), mistakes::toString);
        assertEquals("luns.d/a.conf", mistakes.get(0).split(":", 2)[0]);
    }

    @Test
    void optionalSubstitutionMayBeMissing() {
        assertEquals(
                "SLUICE",
                new ConfigurationFolder(directory)
                        .goodLunWith("vendor = ${?NO_SUCH}")
                        .configuration()
                        .luns()
                        .get(0)
                        .vendor());
    }

    @Test
    void environmentFillsSubstitutionsButAddsNoKeys() {
        assertEquals(
                "ACME",
                new ConfigurationFolder(directory)
                        .variable("VENDOR", "ACME")
                        .variable("size", "77")
                        .variable("nonsense", "1")
                        .variable("event-loops", "many")
                        .goodLunWith("vendor = ${VENDOR}")
                        .configuration()
                        .luns()
                        .get(0)
                        .vendor());
    }

    @Test
    void relativePathsAreRelativeToTheFileTheyStandIn() {
        ConfigurationFolder folder = new ConfigurationFolder(directory)
                .file("common/cache.conf", "cache-directory = caches/a")
                .goodLunWith("include \"../common/cache.conf\"\nstore { type = file, directory = here }");
        assertEquals(
                folder.path("common/caches/a"),
                folder.configuration().luns().get(0).volume().cacheDirectory());
        assertEquals(
                new io.sluice.config.StoreSettings.File(folder.path("luns.d/here")),
                folder.configuration().luns().get(0).volume().store());
    }

    @Test
    void otherFilesInTheLunDirectoryAreNoLuns() throws IOException {
        ConfigurationFolder folder = new ConfigurationFolder(directory)
                .goodLunWith("")
                .file("luns.d/a.conf.bak", "nonsense {")
                .file("luns.d/.hidden.conf", "nonsense {")
                .file("luns.d/README", "nonsense {");
        assertEquals(1, folder.configuration().luns().size());
        Files.createDirectory(folder.path("luns.d/directory.conf"));
        assertEquals(
                List.of(
                        "luns.d/directory.conf: there is no such file; write the file, or give the path of another one"),
                folder.mistakes());
    }

    @Test
    void serverWithoutLunsIsUsableWithAWarning() {
        ConfigurationFolder folder = new ConfigurationFolder(directory).server("");
        assertEquals(List.of(), folder.configuration().luns());
        assertEquals(
                List.of(
                        "sluice.conf: luns: there is no LUN file in DIR/luns.d; write one, such as DIR/luns.d/disk1.conf"),
                folder.warnings().stream()
                        .map(text -> text.replaceFirst("sluice.conf:1", "sluice.conf"))
                        .toList());
    }
}
