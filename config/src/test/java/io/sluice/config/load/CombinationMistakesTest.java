package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that are right by themselves but cannot be true together, within a LUN and between LUNs. */
class CombinationMistakesTest {
    private static final String SECOND_LUN = ConfigurationFolder.GOOD_LUN.replace("disk1", "disk2");

    private final Path directory;

    CombinationMistakesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "journal { capacity = 255 MiB }|journal.capacity: a journal of 255 MiB does not hold four files of"
                        + " 64 MiB; write a capacity of at least 256 MiB, or a smaller file-size",
                "journal { file-size = 512 MiB }|journal.file-size: a journal of 1 GiB does not hold four files of"
                        + " 512 MiB; write a capacity of at least 2 GiB, or a smaller file-size",
                "journal { file-size = 2000000 }|journal.file-size: is not a multiple of 4096 bytes; write for example"
                        + " \"1956 KiB\"",
                "flush.max-bytes = 2 GiB|flush.max-bytes: 2 GiB is more than the journal holds (1 GiB); write at most"
                        + " journal.capacity, for example \"768 MiB\"",
                "flush.max-bytes = 8 MiB|flush.max-bytes: a segment of 16 MiB would never fill: max-bytes is 8 MiB;"
                        + " write a segment-size of at most max-bytes",
                "block-size = 4096, physical-block-size = 512|physical-block-size: a physical block is not shorter than a"
                        + " logical one, which has 4096 bytes; write 4096, or leave it out",
                "store { type = file }|store.directory: is missing, type = file needs it;"
                        + " write directory = \"/srv/sluice\"",
                "store { type = s3 }|store.bucket: is missing, type = s3 needs it; write bucket = my-disks",
                "store { type = file, directory = x, bucket = abc }|store.bucket: does not belong to type = file;"
                        + " remove it, or write type = s3",
                "store { type = file, directory = x, credentials { access-key-id = A } }|store.credentials: does not belong to type ="
                        + " file; remove it, or write s3",
                "store { type = s3, bucket = abc, directory = x }|store.directory: does not belong to type = s3;"
                        + " remove it, or write type = file",
                "store { type = s3, bucket = abc, credentials { access-key-id = A } }|"
                        + "store.credentials.secret-access-key: is missing; write { file = \"/path\" }, { env = NAME }"
                        + " or { command = [\"/path\", \"argument\"] }, never the secret itself",
                "store { type = s3, bucket = abc, credentials { secret-access-key { command = a } } }|"
                        + "store.credentials.access-key-id: is missing; write access-key-id = ... (name without spaces)",
                "store { type = s3, bucket = abc, kms-key-id = k }|store.kms-key-id: is used with"
                        + " server-side-encryption = kms only; write server-side-encryption = kms, or remove the key",
                "store { type = s3, bucket = abc, profile = p, credentials { access-key-id = A, secret-access-key"
                        + " { command = a } } }|store.profile: is not used when credentials are given;"
                        + " remove one of the two",
                "store { type = s3, bucket = abc, total-timeout = 5 s }|store.total-timeout: is less than"
                        + " request-timeout, so no request could take its time; write at least the value of"
                        + " request-timeout",
                "store { type = s3, bucket = abc, ca-file = no.pem }|store.ca-file: the file DIR/luns.d/no.pem is not"
                        + " there or cannot be read; give the path of a PEM file that Sluice's user can read",
                "store { type = s3, bucket = abc, endpoint = \"ftp://h\" }|store.endpoint: the value is not an http or"
                        + " https URL of a server alone; write for example \"https://s3.example.org\"",
                "encryption {}|encryption.passphrase: a passphrase is missing; write encryption { passphrase"
                        + " { file = \"/path\" } } (or env, or command), or encryption = none",
                "encryption { passphrase {} }|encryption.passphrase: names no source of the secret; write"
                        + " { file = \"/path\" }, { env = NAME } or { command = [\"/path\", \"argument\"] },"
                        + " never the secret itself",
                "encryption { passphrase { file = a, env = B } }|encryption.passphrase: names more than one source of"
                        + " the secret; write { file = \"/path\" }, { env = NAME } or"
                        + " { command = [\"/path\", \"argument\"] }, never the secret itself",
                "encryption { passphrase { file = no } }|encryption.passphrase: there is no file DIR/luns.d/no;"
                        + " write the secret into it",
                "encryption { passphrase { file = . } }|encryption.passphrase: file DIR/luns.d is a directory;"
                        + " give the path of a file",
                "encryption { passphrase { env = NO } }|encryption.passphrase: environment variable NO is not set;"
                        + " set it where Sluice is started",
                "encryption { passphrase { env = EMPTY } }|encryption.passphrase: environment variable EMPTY is empty;"
                        + " put the secret there",
            })
    void tellsWhatCannotBeTrueTogether(String line, String expected) {
        List<String> mistakes = new ConfigurationFolder(directory)
                .variable("EMPTY", "\n")
                .goodLunWith(line)
                .mistakes();
        assertEquals(List.of("luns.d/a.conf:5: " + expected), mistakes);
    }

    @Test
    void aStoreNeedsItsType() {
        assertEquals(
                List.of("luns.d/a.conf:5: store.type: is missing; write type = ... (file | s3)"),
                new ConfigurationFolder(directory)
                        .goodLunWith("store { directory = x }")
                        .mistakes());
    }

    @Test
    void aWrongValueIsNotBlamedASecondTimeForItsCombinations() {
        assertEquals(
                1,
                new ConfigurationFolder(directory)
                        .goodLunWith("journal { capacity = tiny, file-size = 1 GiB }\nflush.max-bytes = 2 GiB")
                        .mistakes()
                        .size());
    }

    @Test
    void twoLunsMayNotHaveTheSameNumberWhateverTheCaseOfTheName() {
        assertEquals(
                List.of("luns.d/b.conf:1: target: LUN 0 of iqn.2026-11.org.example:disk1 is already declared at"
                        + " luns.d/a.conf:1; write another lun or target"),
                new ConfigurationFolder(directory)
                        .goodLunWith("")
                        .file(
                                "luns.d/b.conf",
                                SECOND_LUN.replace("iqn.2026-11.org.example:disk2", "IQN.2026-11.org.Example:DISK1"))
                        .mistakes());
    }

    @Test
    void twoLunsMayNotShareAVolumeThroughStoresThatAreTheSamePlace() {
        assertEquals(
                List.of(
                        "luns.d/b.conf:3: volume: the volume is already that of the LUN at luns.d/a.conf:3; write another"
                                + " volume name: one volume has one LUN"),
                new ConfigurationFolder(directory)
                        .goodLunWith("store { type = s3, bucket = abc, endpoint = \"http://h:1\", prefix = p }")
                        .file(
                                "luns.d/b.conf",
                                SECOND_LUN.replace("volume = disk2", "volume = disk1")
                                        + "cache-directory = /c\nstore { type = s3, bucket = abc, endpoint ="
                                        + " \"http://h:1/\", prefix = \"p/\", retries = 1 }")
                        .mistakes());
    }

    @Test
    void sameVolumeNameInDifferentStoresNeedsDifferentCacheDirectories() {
        ConfigurationFolder folder = new ConfigurationFolder(directory)
                .goodLunWith("")
                .file(
                        "luns.d/b.conf",
                        SECOND_LUN.replace("volume = disk2", "volume = disk1")
                                + "store { type = file, directory = other }\n");
        assertEquals(
                List.of("luns.d/b.conf:3: volume: the cache directory DIR/data/disk1 is already that of the LUN at"
                        + " luns.d/a.conf:3; write another cache-directory: every LUN needs its own"),
                folder.mistakes());
    }

    @Test
    void cacheDirectoriesMayNotLieWithinEachOther() {
        assertEquals(
                List.of("luns.d/b.conf:5: cache-directory: the cache directory DIR/data/disk1/deep is not apart from"
                        + " DIR/data/disk1 of the LUN at luns.d/a.conf:3; write another cache-directory: every LUN needs"
                        + " its own"),
                new ConfigurationFolder(directory)
                        .goodLunWith("")
                        .file("luns.d/b.conf", SECOND_LUN + "cache-directory = ../data/x/../disk1/deep")
                        .mistakes());
    }

    @Test
    void objectsMayNotLieInACacheDirectory() {
        assertEquals(
                List.of(
                        "luns.d/a.conf:5: store: the objects are in DIR/data/disk1/bucket, within the cache directory of"
                                + " the LUN at luns.d/a.conf:3; keep them apart: a cache directory may be deleted, the objects"
                                + " may not"),
                new ConfigurationFolder(directory)
                        .goodLunWith("store { type = file, directory = ../data/disk1/bucket }")
                        .mistakes());
    }

    @Test
    void mistakesOfAStoreAreToldWithTheStoreAlone() {
        assertEquals(
                List.of("sluice.conf:2: stores.main.bucket: is missing, type = s3 needs it; write bucket = my-disks"),
                new ConfigurationFolder(directory)
                        .server(ConfigurationFolder.GOOD_SERVER.replace(
                                "type = file, directory = objects", "type = s3"))
                        .lun(ConfigurationFolder.GOOD_LUN)
                        .file("luns.d/b.conf", SECOND_LUN)
                        .mistakes());
    }
}
