package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.SecretSource;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestCodec;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Creating, listing, describing, deleting volumes and changing their passphrase. */
final class VolumesTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain();
    private static final SimulatedSettings ENCRYPTED = SETTINGS.encrypted("old");

    private final MemoryObjectStore bucket = new MemoryObjectStore();

    private SimulatedGateway gateway(SimulatedSettings settings) {
        return new SimulatedGateway(bucket, 31, settings);
    }

    private static <T> T run(SimulatedGateway gateway, CompletableFuture<T> future) {
        return gateway.runtime().await(future);
    }

    private static Throwable failure(SimulatedGateway gateway, CompletableFuture<?> future) {
        try {
            gateway.runtime().await(future);
        } catch (CompletionException failure) {
            return Failures.unwrap(failure);
        }
        throw new AssertionError("it succeeded");
    }

    private Map<String, String> content() {
        Map<String, String> content = new TreeMap<>();
        bucket.keys().forEach(key -> content.put(key, Arrays.toString(bucket.bytes(key))));
        return content;
    }

    @Test
    void creatingAVolumeTwiceIsRefusedAndTouchesNothing() {
        SimulatedGateway gateway = gateway(SETTINGS);
        gateway.create(ByteSize.ofMiB(1));
        Map<String, String> before = content();
        Volumes volumes = gateway.volumes();
        Throwable failure = failure(gateway, volumes.create(SETTINGS.settings(), ByteSize.ofMiB(2), 512));
        assertInstanceOf(Volumes.VolumeExistsException.class, failure);
        assertEquals(before, content());
        assertEquals(0, gateway.requests().count(request -> request.operation().isMutating()));
    }

    @Test
    void ofTwoCreationsAtTheSameTimeOneIsToldThatTheVolumeExists() {
        SimulatedGateway slow = gateway(SETTINGS);
        SimulatedGateway quick = new SimulatedGateway(bucket, 32, SETTINGS);
        slow.beforeRequest(
                request -> request.isPut() && request.subject().contains("/manifest/"),
                () -> quick.create(ByteSize.ofMiB(2)));
        Volumes volumes = slow.volumes();
        Throwable failure = failure(slow, volumes.create(SETTINGS.settings(), ByteSize.ofMiB(1), 512));
        assertInstanceOf(Volumes.VolumeExistsException.class, failure);
        assertEquals(
                ByteSize.ofMiB(2).bytes(),
                run(quick, quick.volumes().info(SETTINGS.settings())).manifest().sizeBytes());
    }

    @Test
    void whatDoesNotExistIsSaidSo() {
        SimulatedGateway gateway = gateway(SETTINGS);
        assertInstanceOf(VolumeNotFoundException.class, gateway.openingFailure());
        Volumes volumes = gateway.volumes();
        assertInstanceOf(VolumeNotFoundException.class, failure(gateway, volumes.info(SETTINGS.settings())));
        assertEquals(0, run(gateway, volumes.delete(SETTINGS.settings(), gone -> {})));
        assertEquals(List.of(), run(gateway, volumes.list(SETTINGS.settings().store())));
    }

    private SimulatedGateway closedEncryptedVolume() {
        SimulatedGateway gateway = gateway(ENCRYPTED);
        gateway.create(ByteSize.ofMiB(1));
        gateway.open();
        gateway.port().fill(0, 4 * BLOCK, 7);
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        return gateway;
    }

    private static SecretSource secret(String text) {
        return new SimulatedSettings.FixedSecret(text);
    }

    @Test
    void aNewPassphraseReplacesTheOldOneAndTouchesNoData() {
        SimulatedGateway gateway = closedEncryptedVolume();
        Map<String, String> before = content();
        Volumes volumes = gateway.volumes();
        run(gateway, volumes.changePassphrase(ENCRYPTED.settings(), secret("new")));
        Map<String, String> after = content();
        before.forEach((key, bytes) -> {
            if (key.contains("/identity/")) {
                assertFalse(after.containsKey(key), "the old passphrase opens no copy of the key: " + key);
            } else {
                assertEquals(bytes, after.get(key), key);
            }
        });
        assertEquals(before.size() + 1, after.size(), "one manifest more, its copy in the place of the one before");
        assertInstanceOf(WrongPassphraseException.class, gateway.openingFailure());
        gateway.settings(SETTINGS.encrypted("new"));
        gateway.open();
        assertTrue(gateway.port().holds(0, 4 * BLOCK, 7));
    }

    @Test
    void thePassphraseOfAnOpenOrUncleanVolumeIsNotChanged() throws IOException {
        SimulatedGateway gateway = closedEncryptedVolume();
        gateway.open();
        SimulatedGateway administrator = new SimulatedGateway(bucket, 33, ENCRYPTED);
        Volumes volumes = administrator.volumes();
        Throwable open = failure(administrator, volumes.changePassphrase(ENCRYPTED.settings(), secret("new")));
        assertTrue(String.valueOf(open.getMessage()).contains("is open"), open.toString());
        gateway.crashProcess();
        assertInstanceOf(
                IOException.class,
                failure(administrator, volumes.changePassphrase(ENCRYPTED.settings(), secret("new"))));
        gateway.open();
        assertTrue(gateway.port().holds(0, 4 * BLOCK, 7));
    }

    @Test
    void theOldPassphraseMustBeRightAndThereMustBeOne() {
        SimulatedGateway gateway = closedEncryptedVolume();
        Map<String, String> before = content();
        Volumes volumes = gateway.volumes();
        assertInstanceOf(
                WrongPassphraseException.class,
                failure(
                        gateway,
                        volumes.changePassphrase(SETTINGS.encrypted("wrong").settings(), secret("new"))));
        assertInstanceOf(
                IOException.class, failure(gateway, volumes.changePassphrase(SETTINGS.settings(), secret("x"))));
        assertEquals(before, content());
    }

    @Test
    void aManifestThatAnotherKeySealedIsNeitherOpenedNorSealedAnew() {
        SimulatedGateway gateway = closedEncryptedVolume();
        String newest =
                bucket.keys().stream().filter(key -> key.contains("/manifest/")).reduce("", (one, other) -> other);
        Volumes volumes = gateway.volumes();
        Manifest genuine = run(gateway, volumes.info(ENCRYPTED.settings())).manifest();
        Entropy entropy = gateway.runtime().entropy();
        // Right checksum, right wrapped key, but whoever made it did not know the volume's key.
        Manifest forged = ManifestCodec.seal(
                genuine.toBuilder().serialNumber("forged").build(),
                new GcmSealing(VolumeKey.generate(entropy), entropy));
        ByteBuffer encoded = ManifestCodec.encode(forged);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        bucket.replace(newest, bytes);
        Map<String, String> before = content();
        assertInstanceOf(
                DamagedObjectException.class,
                failure(gateway, volumes.changePassphrase(ENCRYPTED.settings(), secret("new"))));
        assertInstanceOf(DamagedObjectException.class, gateway.openingFailure());
        assertEquals(before, content());
    }

    @Test
    void severalVolumesAndForeignObjectsAreToldApart() {
        for (String name : List.of("alpha", "beta", "Gamma.1")) {
            gateway(SETTINGS.named(name)).create(ByteSize.ofMiB(1));
        }
        for (String foreign : List.of(
                "aaa", "backups/2024", "backups/zzzzzzzzz", "backups/~x", "beta/zzzzzzzz-foreign", "zz/\u00e4", "~")) {
            bucket.replace(foreign, new byte[] {1});
        }
        for (int i = 0; i < 2500; i++) {
            bucket.replace("_photos/" + i, new byte[] {1});
        }
        SimulatedGateway gateway = gateway(SETTINGS);
        Volumes volumes = gateway.volumes();
        assertEquals(
                List.of("Gamma.1", "alpha", "beta"),
                run(gateway, volumes.list(SETTINGS.settings().store())));
        assertTrue(
                gateway.requests().requests().size() < 30,
                gateway.requests().requests().size() + " requests");
    }

    @Test
    void informationCountsTheObjects() {
        SimulatedGateway gateway = closedEncryptedVolume();
        Volumes volumes = gateway.volumes();
        VolumeInfo info = run(gateway, volumes.info(ENCRYPTED.settings()));
        assertEquals(
                bucket.keys().stream().filter(key -> key.contains("/segment/")).count(), info.segments());
        assertEquals(
                bucket.keys().stream()
                        .filter(key -> key.contains("/checkpoint/"))
                        .count(),
                info.checkpoints());
        assertTrue(info.segmentBytes() > 0 && info.checkpointBytes() > 0);
        assertTrue(info.manifest().clean());
    }

    @Test
    void deletingGoesOnWhereItWasInterruptedAndTouchesNobodyElse() {
        gateway(SETTINGS.named("other")).create(ByteSize.ofMiB(1));
        bucket.replace("simulation", new byte[] {1});
        SimulatedGateway gateway = gateway(SETTINGS);
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        for (int i = 0; i < 8; i++) {
            gateway.port().fill((long) i << 16, 1 << 16, i);
            gateway.drain();
        }
        gateway.close();
        gateway.deleteCache();
        Volumes volumes = gateway.volumes();
        int[] deletions = new int[1];
        gateway.beforeRequest(
                request -> request.operation() == ObjectOperation.DELETE && ++deletions[0] == 2,
                () -> gateway.faults().setOutage(true));
        assertInstanceOf(IOException.class, failure(gateway, volumes.delete(SETTINGS.settings(), gone -> {})));
        assertInstanceOf(VolumeNotFoundException.class, gateway.openingFailure());
        Volumes again = gateway.volumes();
        Throwable remains = failure(gateway, again.create(SETTINGS.settings(), ByteSize.ofMiB(1), 512));
        assertTrue(String.valueOf(remains.getMessage()).contains("delete it again"), remains.toString());
        List<Long> progress = new ArrayList<>();
        assertTrue(run(gateway, again.delete(SETTINGS.settings(), progress::add)) > 0);
        assertTrue(
                bucket.keys().stream().noneMatch(key -> key.startsWith("sim/")),
                () -> bucket.keys().toString());
        assertTrue(bucket.keys().contains("simulation"));
        assertEquals(
                List.of("other"), run(gateway, again.list(SETTINGS.settings().store())));
        gateway.create(ByteSize.ofMiB(1));
        gateway.open();
        assertTrue(gateway.port().holds(0, 1 << 20, 0));
    }
}
