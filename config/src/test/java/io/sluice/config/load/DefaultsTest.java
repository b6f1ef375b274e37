package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.config.AccessSettings;
import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.config.Portal;
import io.sluice.config.PortalGroups;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource.SecretUnavailableException;
import io.sluice.config.ServerSettings;
import io.sluice.config.ServerSettings.Limits;
import io.sluice.config.SessionTimes;
import io.sluice.config.StoreSettings;
import io.sluice.config.StoreSettings.Checksums;
import io.sluice.config.StoreSettings.ServerSideEncryption;
import io.sluice.config.VolumeSettings;
import io.sluice.config.VolumeSettings.Durability;
import io.sluice.config.schema.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins the name and the default of every key: operators' files depend on them. */
class DefaultsTest {
    private static final String STORE_KEYS = """
            type = (required)
            directory = (required for `file`)
            bucket = (required for `s3`)
            prefix =\s
            region = us-east-1
            endpoint = AWS
            path-style = true with `endpoint`, else false
            profile = the default profile
            storage-class = the bucket's default
            server-side-encryption = none
            kms-key-id = the account's default key
            ca-file = the JDK's certificates alone
            request-timeout = 30 s
            total-timeout = 2 minutes
            retries = 8
            connections = 64
            bandwidth-per-second = unbounded
            checksums = when-required with `endpoint`, else when-supported
            credentials.access-key-id = (required)
            credentials.secret-access-key.file =\s
            credentials.secret-access-key.env =\s
            credentials.secret-access-key.command =\s
            """;

    private static final String VOLUME_KEYS = """
            encryption.passphrase.file =\s
            encryption.passphrase.env =\s
            encryption.passphrase.command =\s
            journal.capacity = 1 GiB
            journal.file-size = 64 MiB
            journal.full-timeout = 20 s
            flush.max-age = 5 s
            flush.max-bytes = 3/4 of `journal.capacity`
            flush.segment-size = 16 MiB
            flush.uploads = 4
            flush.drain-timeout = 30 s
            read-cache.capacity = 10 GiB
            read-cache.read-ahead = 64 MiB
            index.memory = 256 MiB
            checkpoint.interval = 60 s
            checkpoint.segments = 64
            gc.space-amplification = 1.3
            gc.bandwidth-per-second = 32 MiB
            gc.requests-per-second = 20
            gc.host-wait-max = 200 ms
            """;

    private static final String SERVER_KEYS = """
            portals = ["127.0.0.1:3260"]
            advertise = `portals`, and for one that listens on every address that which the initiator used
            data-directory = /var/lib/sluice
            admin-socket = `admin.sock` in `data-directory`
            luns = `luns.d` beside the server file
            event-loops = 0
            busy-poll-max = 100 us
            portal-groups.portals = none
            portal-groups.access = optimized
            portal-groups.except-targets = none
            limits.connections = 1024
            limits.connections-before-login = 256
            limits.connections-before-login-per-address = 64
            limits.sessions = 512
            limits.commands-per-session = 128
            limits.memory-per-session = 64 MiB
            limits.memory-before-login = 64 KiB
            limits.login-timeout = 15 s
            session-times.ping-after = 30 s
            session-times.drop-after = 60 s
            session-times.logout-grace = 3 s
            session-times.logout-wait = 5 s
            session-times.abort-wait = 8 s
            log.level = info
            log.format = text
            """;

    private static final String ACCESS_KEYS = """
            chap.user = none
            chap.algorithms = ["md5", "sha-1", "sha-256", "sha3-256"]
            chap.secret.file =\s
            chap.secret.env =\s
            chap.secret.command =\s
            chap.mutual.user = none
            chap.mutual.secret.file =\s
            chap.mutual.secret.env =\s
            chap.mutual.secret.command =\s
            chap.initiators.user = none
            chap.initiators.secret.file =\s
            chap.initiators.secret.env =\s
            chap.initiators.secret.command =\s
            allow.initiators = every name
            allow.addresses = every address
            """;

    private static final String LUN_KEYS = """
            target = (required)
            lun = 0
            size = (required)
            block-size = 512
            physical-block-size = 4096
            read-only = false
            vendor = SLUICE
            product = Virtual disk
            volume = (required)
            cache-directory = the server's `data-directory` / the volume's name
            compression = 1
            durability = local
            fencing = conditional-put
            takeover = ask
            read-wait = 20 s
            """;

    private final Path directory;

    DefaultsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private static List<String> under(String prefix, String keys) {
        return keys.lines().map(line -> prefix + line).toList();
    }

    private static List<String> declared(Section section, String path) {
        List<String> lines = new ArrayList<>();
        section.keys().forEach(key -> lines.add(path + key.name() + " = " + key.defaultText()));
        section.sections().forEach(child -> lines.addAll(declared(child, path + child.name() + ".")));
        return lines;
    }

    @Test
    void pinsEveryKeyOfTheServerFile() {
        List<String> expected = new ArrayList<>(under("", SERVER_KEYS));
        expected.addAll(under("discovery.", ACCESS_KEYS));
        expected.addAll(under(
                "targets.",
                "alias = none\nheader-digest = allow\ndata-digest = allow\n" + "ignore-isid-in-reservations = false\n"
                        + ACCESS_KEYS));
        expected.addAll(under("stores.", STORE_KEYS));
        expected.addAll(under(
                "defaults.",
                "compression = 1\ndurability = local\nfencing = conditional-put\ntakeover = ask\nread-wait = 20 s\n"));
        expected.addAll(under("defaults.store.", STORE_KEYS));
        expected.addAll(under("defaults.", VOLUME_KEYS));
        assertEquals(String.join("\n", expected), String.join("\n", declared(ServerSchema.ROOT, "")));
    }

    @Test
    void pinsEveryKeyOfALunFile() {
        List<String> expected = new ArrayList<>(under("", LUN_KEYS));
        expected.addAll(under("store.", STORE_KEYS));
        expected.addAll(under("", VOLUME_KEYS));
        assertEquals(String.join("\n", expected), String.join("\n", declared(LunSchema.ROOT, "")));
    }

    @Test
    void emptyServerFileGivesTheDefaults() {
        assertEquals(
                new ServerSettings(
                        List.of(new Portal("127.0.0.1", 3260)),
                        List.of(),
                        Path.of("/var/lib/sluice/admin.sock"),
                        Path.of("/var/lib/sluice"),
                        0,
                        Duration.ofNanos(100_000),
                        new Limits(
                                1024,
                                256,
                                64,
                                512,
                                128,
                                ByteSize.ofMiB(64),
                                ByteSize.ofKiB(64),
                                Duration.ofSeconds(15)),
                        new ServerSettings.Log(ServerSettings.Log.Level.INFO, ServerSettings.Log.Format.TEXT),
                        AccessSettings.OPEN,
                        Map.of(),
                        PortalGroups.ONE,
                        new SessionTimes(
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(8))),
                new ConfigurationFolder(directory).server("").configuration().server());
    }

    @Test
    void shortestLunFileGivesTheDefaults() {
        assertEquals(
                new LunSettings(
                        "iqn.2026-11.org.example:disk1",
                        0,
                        ByteSize.ofGiB(1),
                        512,
                        4096,
                        false,
                        "SLUICE",
                        "Virtual disk",
                        new VolumeSettings(
                                "disk1",
                                directory.resolve("data/disk1"),
                                new StoreSettings.File(directory.resolve("objects")),
                                Optional.empty(),
                                1,
                                Durability.LOCAL,
                                new VolumeSettings.Journal(
                                        ByteSize.ofGiB(1), ByteSize.ofMiB(64), Duration.ofSeconds(20)),
                                new VolumeSettings.Flush(
                                        Duration.ofSeconds(5),
                                        ByteSize.ofMiB(768),
                                        ByteSize.ofMiB(16),
                                        4,
                                        Duration.ofSeconds(30)),
                                new VolumeSettings.ReadCache(ByteSize.ofGiB(10), ByteSize.ofMiB(64)),
                                new VolumeSettings.Index(ByteSize.ofMiB(256)),
                                new VolumeSettings.Checkpoint(Duration.ofSeconds(60), 64),
                                new VolumeSettings.Collector(1.3, ByteSize.ofMiB(32), 20, Duration.ofMillis(200)),
                                VolumeSettings.Fencing.CONDITIONAL_PUT,
                                VolumeSettings.Takeover.ASK,
                                Duration.ofSeconds(20)),
                        Path.of("luns.d/a.conf")),
                new ConfigurationFolder(directory)
                        .goodLunWith("")
                        .configuration()
                        .luns()
                        .get(0));
    }

    private StoreSettings storeOf(String text) {
        return new ConfigurationFolder(directory)
                .goodLunWith(text)
                .configuration()
                .luns()
                .get(0)
                .volume()
                .store();
    }

    @Test
    void shortestBucketOfAwsGivesTheDefaults() {
        assertEquals(
                new StoreSettings.S3(
                        "abc",
                        "",
                        "us-east-1",
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        new ServerSideEncryption(ServerSideEncryption.Mode.NONE, Optional.empty()),
                        Optional.empty(),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(2),
                        8,
                        64,
                        Optional.empty(),
                        Checksums.WHEN_SUPPORTED),
                storeOf("store { type = s3, bucket = abc }"));
    }

    @Test
    void anotherEndpointThanAwsMeansPathStyleAndFewerChecksums() {
        StoreSettings.S3 store =
                (StoreSettings.S3) storeOf("store { type = s3, bucket = abc, endpoint = \"http://h:9000\" }");
        assertEquals(true, store.pathStyle());
        assertEquals(Checksums.WHEN_REQUIRED, store.checksums());
    }

    @Test
    void missingEncryptionIsSaidAloudOnce() {
        ConfigurationFolder folder = new ConfigurationFolder(directory)
                .goodLunWith("")
                .file("luns.d/b.conf", ConfigurationFolder.GOOD_LUN.replace("disk1", "disk2"));
        assertEquals(
                List.of("sluice.conf:3: encryption: nothing is encrypted: who can read the store or the cache"
                        + " directory can read the disk; write encryption { passphrase { file = \"/path\" } } before the"
                        + " volume is created"),
                folder.warnings());
    }

    @Test
    void encryptionIsOnUnlessSwitchedOff() throws SecretUnavailableException {
        ConfigurationFolder folder = new ConfigurationFolder(directory)
                .variable("PASS", "hunter2")
                .goodLunWith("encryption.passphrase.env = PASS");
        VolumeSettings volume = folder.configuration().luns().get(0).volume();
        assertEquals(Secret.ofText("hunter2"), volume.encryption().orElseThrow().read());
        assertEquals(
                1,
                folder.server("stores.main { type = file, directory = o }")
                        .lun(ConfigurationFolder.GOOD_LUN)
                        .mistakes()
                        .size());
    }
}
