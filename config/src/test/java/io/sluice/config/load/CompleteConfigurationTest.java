package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.AccessSettings;
import io.sluice.config.AddressRange;
import io.sluice.config.ByteSize;
import io.sluice.config.ChapSettings;
import io.sluice.config.ChapSettings.Algorithm;
import io.sluice.config.ChapSettings.Credential;
import io.sluice.config.ConfigurationResult;
import io.sluice.config.InitiatorPattern;
import io.sluice.config.LunSettings;
import io.sluice.config.Portal;
import io.sluice.config.PortalGroups;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource.SecretUnavailableException;
import io.sluice.config.ServerSettings;
import io.sluice.config.ServerSettings.DigestChoice;
import io.sluice.config.ServerSettings.Limits;
import io.sluice.config.ServerSettings.TargetSettings;
import io.sluice.config.SessionTimes;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.StoreSettings;
import io.sluice.config.StoreSettings.Checksums;
import io.sluice.config.StoreSettings.ServerSideEncryption;
import io.sluice.config.VolumeSettings;
import io.sluice.config.VolumeSettings.Durability;
import io.sluice.config.secret.CommandSecret;
import io.sluice.config.secret.EnvironmentSecret;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A realistic installation: includes, environment, three stores, three LUNs, everything set somewhere. */
class CompleteConfigurationTest {
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "STATE_DIRECTORY",
            "/var/lib/state",
            "SITE",
            "berlin",
            "CEPH_SECRET",
            "ceph-secret-1",
            "CHAP_SECRET",
            "twelve-bytes!",
            "luns",
            "x");

    private final Path directory = resource("complete/sluice.conf");
    private final SluiceConfiguration configuration = load();

    private static Path resource(String name) {
        URL url = CompleteConfigurationTest.class.getResource(name);
        try {
            return Path.of(Objects.requireNonNull(url).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private SluiceConfiguration load() {
        ConfigurationResult result = new ConfigurationLoader(ENVIRONMENT).load(directory);
        return assertInstanceOf(ConfigurationResult.Usable.class, result, result::toString)
                .configuration();
    }

    private Path beside(String name) {
        return directory.resolveSibling(name);
    }

    private LunSettings lun(int position) {
        return configuration.luns().get(position);
    }

    @Test
    void readsEveryKeyOfTheServer() {
        assertEquals(
                new ServerSettings(
                        List.of(new Portal("192.0.2.10", 3260), new Portal("2001:db8::10", 3260)),
                        List.of(new Portal("san.example.org", 3260), new Portal("2001:db8::11", 860)),
                        Path.of("/run/sluice/admin.sock"),
                        Path.of("/var/lib/state"),
                        4,
                        Duration.ofNanos(250_000),
                        new Limits(
                                100, 10, 5, 50, 256, ByteSize.ofMiB(32), ByteSize.ofKiB(128), Duration.ofSeconds(20)),
                        new ServerSettings.Log(ServerSettings.Log.Level.DEBUG, ServerSettings.Log.Format.JSON),
                        new AccessSettings(
                                Optional.of(new ChapSettings(
                                        Optional.of(credential("anybody")),
                                        Map.of(),
                                        Optional.empty(),
                                        List.of(Algorithm.SHA_256))),
                                List.of(),
                                List.of()),
                        Map.of("iqn.2026-11.org.example:mail", mail()),
                        new PortalGroups(Map.of(
                                1,
                                new PortalGroups.Group(
                                        List.of(),
                                        PortalGroups.Access.NON_OPTIMIZED,
                                        Set.of("iqn.2026-11.org.example:mail")),
                                20,
                                new PortalGroups.Group(
                                        List.of(new Portal("192.0.2.20", 3260), new Portal("192.0.2.21", 3261)),
                                        PortalGroups.Access.OPTIMIZED,
                                        Set.of()))),
                        new SessionTimes(
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(40),
                                Duration.ofSeconds(15),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(4))),
                configuration.server());
    }

    private static TargetSettings mail() {
        ChapSettings chap = new ChapSettings(
                Optional.of(credential("mail-host")),
                Map.of("iqn.1993-08.org.debian:01:abc", credential("abc")),
                Optional.of(new Credential("target", new CommandSecret(List.of("/usr/bin/pass", "mail")))),
                List.of(Algorithm.values()));
        return new TargetSettings(
                Optional.of("Mail servers"),
                new AccessSettings(
                        Optional.of(chap),
                        List.of(InitiatorPattern.parse("iqn.1993-08.org.debian:*")),
                        List.of(AddressRange.parse("192.0.2.0/24"), AddressRange.parse("2001:db8::/32"))),
                DigestChoice.REQUIRE,
                DigestChoice.PREFER,
                true);
    }

    private static Credential credential(String user) {
        return new Credential(user, new EnvironmentSecret("CHAP_SECRET", Map.of()));
    }

    @Test
    void sortsLunsByTargetAndNumberAndNormalisesNames() {
        assertEquals(List.of("iqn.2026-11.org.example:mail", "naa.52004567ba64678d"), configuration.targetNames());
        assertEquals(
                List.of("mail-data", "mail-log", "backup"),
                configuration.luns().stream().map(lun -> lun.volume().name()).toList());
        assertEquals(Path.of("luns.d/mail-0.conf"), lun(0).file());
    }

    @Test
    void lunTakesDefaultsKeyByKey() throws SecretUnavailableException {
        VolumeSettings volume = lun(0).volume();
        assertEquals(Duration.ofSeconds(10), volume.flush().maxAge());
        assertEquals(8, volume.flush().uploads());
        assertEquals(ByteSize.ofMiB(768), volume.flush().maxBytes());
        assertEquals(Path.of("/var/lib/state/mail-data"), volume.cacheDirectory());
        assertEquals(
                Secret.ofText("correct horse"),
                volume.encryption().orElseThrow().read());
        StoreSettings.S3 store = assertInstanceOf(StoreSettings.S3.class, volume.store());
        assertEquals("site-berlin/", store.prefix());
        assertEquals(Optional.of("sluice"), store.profile());
        assertEquals(
                new ServerSideEncryption(ServerSideEncryption.Mode.KMS, Optional.of("alias/disks")),
                store.encryption());
        assertEquals(Optional.of(new ByteSize(100_000_000)), store.bandwidthPerSecond());
        assertEquals(Checksums.WHEN_SUPPORTED, store.checksums());
        assertFalse(store.pathStyle());
    }

    @Test
    void readsEveryKeyOfALunAndReplacesStoreAndEncryption() {
        assertEquals(
                new LunSettings(
                        "iqn.2026-11.org.example:mail",
                        1,
                        ByteSize.ofGiB(20),
                        4096,
                        4096,
                        true,
                        "ACME",
                        "Fast disk",
                        new VolumeSettings(
                                "mail-log",
                                Path.of("/fast/mail-log"),
                                new StoreSettings.File(beside("objects")),
                                Optional.empty(),
                                0,
                                Durability.S3,
                                new VolumeSettings.Journal(
                                        ByteSize.ofMiB(256), ByteSize.ofMiB(16), Duration.ofSeconds(5)),
                                new VolumeSettings.Flush(
                                        Duration.ofSeconds(3),
                                        ByteSize.ofMiB(128),
                                        ByteSize.ofMiB(8),
                                        2,
                                        Duration.ofMinutes(2)),
                                new VolumeSettings.ReadCache(ByteSize.ofGiB(2), new ByteSize(0)),
                                new VolumeSettings.Index(ByteSize.ofMiB(64)),
                                new VolumeSettings.Checkpoint(Duration.ofSeconds(30), 16),
                                new VolumeSettings.Collector(1.5, ByteSize.ofMiB(8), 5, Duration.ofMillis(50)),
                                VolumeSettings.Fencing.NONE,
                                VolumeSettings.Takeover.AUTOMATIC,
                                Duration.ofSeconds(10)),
                        Path.of("luns.d/mail-1.conf")),
                lun(1));
    }

    @Test
    void readsStaticCredentialsAndAnEndpoint() throws SecretUnavailableException {
        StoreSettings.S3 store =
                assertInstanceOf(StoreSettings.S3.class, lun(2).volume().store());
        assertEquals(Optional.of(URI.create("https://ceph.example.org:7480")), store.endpoint());
        assertEquals(Optional.of(beside("common/ca.pem")), store.caFile());
        StoreSettings.StaticCredentials credentials = store.credentials().orElseThrow();
        assertEquals("AKIAEXAMPLE", credentials.accessKeyId());
        assertEquals(
                Secret.ofText("ceph-secret-1"), credentials.secretAccessKey().read());
        assertEquals(9, lun(2).volume().compressionLevel());
        assertEquals(
                "command [/usr/bin/pass, ...]",
                lun(2).volume().encryption().orElseThrow().describe());
    }

    @Test
    void textFormHoldsNoSecret() {
        String text = configuration.toString();
        assertTrue(text.contains("environment variable CEPH_SECRET"), text);
        for (String secret : List.of("ceph-secret-1", "correct horse", "disks/backup")) {
            assertFalse(text.contains(secret), text);
        }
    }
}
