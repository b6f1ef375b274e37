package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single values that are wrong: each is told with its line, its path and what to write instead. */
class ValueMistakesTest {
    private final Path directory;

    ValueMistakesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "flush.max-age = 5 parsecs|flush.max-age: \"5 parsecs\" is not a duration; write for example \"5 s\"",
                "flush.max-age = 5|flush.max-age: \"5\" is not a duration; write for example \"5 s\"",
                "flush { max-aeg = 5 s }|flush.max-aeg: unknown key; did you mean max-age?",
                "flsh { max-age = 5 s }|flsh: unknown key; did you mean flush?",
                "blocksize = 512|blocksize: unknown key; did you mean block-size?",
                "flush = 5 s|flush: is a section, but has a value without braces; write { max-age, max-bytes,"
                        + " segment-size, uploads, drain-timeout } with what you need of it",
                "flush.uploads = 2.5|flush.uploads: \"2.5\" is not a whole number; write for example 1",
                "flush.uploads = { a = 1 }|flush.uploads: found a section in braces where a whole number is expected;"
                        + " write for example 1",
                "flush.uploads = [1]|flush.uploads: found a list where a whole number is expected; write for example 1",
                "flush.uploads = 65|flush.uploads: \"65\" is out of range; write a value from 1 to 64",
                "flush.segment-size = 25 MiB|flush.segment-size: \"25 MiB\" is out of range;"
                        + " write a value from 1 MiB to 24 MiB",
                "flush.segment-size = 16 MB s|flush.segment-size: \"16 MB s\" is not a size; write for example"
                        + " \"24 MiB\"",
                "durability = s4|durability: \"s4\" is not one of local, s3; write s3",
                "read-only = maybe|read-only: \"maybe\" is not true or false; write for example true",
                "lun = 16384|lun: \"16384\" is out of range; write a value from 0 to 16383",
                "lun = -1|lun: \"-1\" is out of range; write a value from 0 to 16383",
                "block-size = 1024|block-size: \"1024\" is not one of 512, 4096; write 512",
                "vendor = \"too long for it\"|vendor: \"too long for it\" is not a vendor name;"
                        + " write for example \"SLUICE\"",
                "volume = \"../disk\"|volume: \"../disk\" is not a volume name; write for example \"disk1\"",
                "compression = 20|compression: \"20\" is out of range (-5 to 19); write for example 1",
                "compression = 0|compression: level 0 could mean anything (write none to store raw);"
                        + " write for example 1",
                "compression = fast|compression: \"fast\" is neither a zstd level nor none; write for example 1",
                "size = 1000001|size: \"1000001\" is out of range; write a value from 1 MiB to 64 TiB",
                "size = 2000001|size: is not a multiple of 4096 bytes; write for example \"1956 KiB\"",
                "cache-directory = \"\"|cache-directory: \"\" is not a path; write for example \"/var/lib/sluice\"",
                "vendor = ${NO_SUCH}|vendor: ${NO_SUCH} is neither a key of this file nor an environment variable;"
                        + " set it, or write ${?...} if it may be missing",
                "store = mian|store: the server file has no store of this name; did you mean main?",
                "store = other|store: the server file has no store of this name; write one of main",
            })
    void tellsLineAndPathAndWhatToWrite(String line, String expected) {
        List<String> mistakes =
                new ConfigurationFolder(directory).goodLunWith(line).mistakes();
        assertEquals(List.of("luns.d/a.conf:5: " + expected), mistakes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "iqn.2026-13.org.example:a|iqn. takes a year and month",
                "iqn.org.example|iqn. takes a year and month",
                "disk1|it must begin with iqn.",
                "eui.0123|eui. takes exactly 16",
                "naa.0123456789abcdeg|naa. takes exactly 16 or 32",
                "iqn.2026-11.org.example:a_b|holds the character U+005F",
                "iqn.2026-11.org.example:a b|holds the character U+0020",
            })
    void tellsWhyATargetNameIsNone(String name, String reason) {
        List<String> mistakes = new ConfigurationFolder(directory)
                .goodLunWith("target = \"" + name + "\"")
                .mistakes();
        assertEquals(1, mistakes.size(), mistakes::toString);
        assertTrue(mistakes.get(0).startsWith("luns.d/a.conf:5: target: \"" + name + "\""), mistakes::toString);
        assertTrue(mistakes.get(0).contains(reason), mistakes::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "portal = \"0.0.0.0\"|portal: unknown key; did you mean portals?",
                "portals = []|portals: the list is empty; write at least one element",
                "portals = [\"1.2.3.4:99999\"]|portals: a port is a number from 0 to 65535, not 99999;"
                        + " write for example \"127.0.0.1:3260\"",
                "portals = [\"::1:3260\"]|portals: \"::1:3260\" is not a portal: IPv6 addresses take brackets;"
                        + " write for example \"127.0.0.1:3260\"",
                "portals = [\"h:1\", \"h:1\"]|portals: h:1 is there twice; write every address once",
                "limits { connections = 5, connections-before-login = 6 }|limits.connections-before-login: 6 is more"
                        + " than connections (5); write at most 5",
                "luns = nowhere|luns: the directory DIR/nowhere is not there or cannot be read; make it, or give the"
                        + " path of another one",
                "log.level = loud|log.level: \"loud\" is not one of error, warn, info, debug, trace; write error",
                "targets.\"iqn.2026-11.org.example:disk2\".alias = x|targets.\"iqn.2026-11.org.example:disk2\":"
                        + " no LUN file names this target; did you mean iqn.2026-11.org.example:disk1?",
                "targets.disk1.alias = x|targets.disk1: \"disk1\" is not an iSCSI name: it must begin with iqn., eui."
                        + " or naa.; write the name that a LUN file gives, in quotes",
                "defaults.flush.uploads = many|defaults.flush.uploads: \"many\" is not a whole number;"
                        + " write for example 1",
                "defaults.size = 1 GiB|defaults.size: unknown key; known here: compression, durability, fencing,"
                        + " takeover, read-wait, store, encryption, journal, flush, read-cache, index, checkpoint, gc",
            })
    void tellsMistakesOfTheServerFile(String line, String expected) {
        List<String> mistakes = new ConfigurationFolder(directory)
                .server(ConfigurationFolder.GOOD_SERVER + line)
                .lun(ConfigurationFolder.GOOD_LUN)
                .mistakes();
        assertEquals(List.of("sluice.conf:4: " + expected), mistakes);
    }

    @Test
    void adminSocketPathMustFitTheSystem() {
        List<String> mistakes = new ConfigurationFolder(directory)
                .server(ConfigurationFolder.GOOD_SERVER + "admin-socket = /" + "x".repeat(107))
                .mistakes();
        assertEquals(1, mistakes.size(), mistakes::toString);
        assertTrue(mistakes.get(0).contains("is longer than the 107 bytes"), mistakes::toString);
    }

    @Test
    void tellsEveryRequiredKeyThatIsMissing() {
        assertEquals(
                List.of(
                        "luns.d/a.conf:1: target: is missing; write target = ... (iSCSI name, iqn., eui. or naa.)",
                        "luns.d/a.conf:1: size: is missing; write size = ... (size, 1 MiB to 64 TiB)",
                        "luns.d/a.conf:1: volume: is missing; write volume = ... (volume name, 1 to 63 of a-z 0-9 . _ -,"
                                + " a letter or digit first)",
                        "luns.d/a.conf:1: store: store is missing; write store = NAME of one of the server file's"
                                + " stores, or store { type = file, directory = ... }",
                        "luns.d/a.conf:1: encryption.passphrase: a passphrase is missing; write encryption { passphrase"
                                + " { file = \"/path\" } } (or env, or command), or encryption = none"),
                new ConfigurationFolder(directory).server("").lun("lun = 1").mistakes());
    }

    @Test
    void tellsMistakesOfADurationBelowAMillisecond() {
        ConfigurationFolder folder = new ConfigurationFolder(directory);
        assertEquals(
                List.of("sluice.conf:1: busy-poll-max: \"1001 us\" is out of range; write a value from 0 ms to 1 ms"),
                folder.server("busy-poll-max = 1001 us\n" + ConfigurationFolder.GOOD_SERVER)
                        .lun(ConfigurationFolder.GOOD_LUN)
                        .mistakes());
        assertEquals(
                List.of("sluice.conf:1: busy-poll-max: \"fast\" is not a duration; write for example \"1 ms\""),
                folder.server("busy-poll-max = fast\n" + ConfigurationFolder.GOOD_SERVER)
                        .mistakes());
    }

    @Test
    void tellsMistakesOfAllFilesInOneRun() {
        List<String> mistakes = new ConfigurationFolder(directory)
                .server("event-loops = many\n" + ConfigurationFolder.GOOD_SERVER)
                .lun(ConfigurationFolder.GOOD_LUN + "lun = x\nvendor = \"\"\n")
                .file("luns.d/b.conf", "size = { ")
                .file("luns.d/c.conf", "luns.d = 1")
                .mistakes();
        assertEquals(
                List.of("a.conf:5", "a.conf:6", "b.conf:1", "c.conf:1", "sluice.conf:1"),
                mistakes.stream()
                        .map(text -> text.replace("luns.d/", "").split(": ", 2)[0])
                        .distinct()
                        .toList());
    }

    @Test
    void aMistakeInADefaultIsToldOnceAndInTheServerFile() {
        List<String> mistakes = new ConfigurationFolder(directory)
                .server(ConfigurationFolder.GOOD_SERVER + "defaults.journal.capacity = 100 MiB")
                .lun(ConfigurationFolder.GOOD_LUN)
                .file("luns.d/b.conf", ConfigurationFolder.GOOD_LUN.replace("disk1", "disk2"))
                .mistakes();
        assertEquals(
                List.of("sluice.conf:4: defaults.journal.capacity: a journal of 100 MiB does not hold four files of"
                        + " 64 MiB; write a capacity of at least 256 MiB, or a smaller file-size"),
                mistakes);
    }
}
