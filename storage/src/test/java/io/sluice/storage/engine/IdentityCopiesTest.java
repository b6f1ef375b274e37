package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The copies that keep a volume's identity when its manifests are lost. */
final class IdentityCopiesTest {
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain().encrypted("old");

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 5, SETTINGS);

    private List<String> copies() {
        return bucket.keys().stream().filter(key -> key.contains("/identity/")).toList();
    }

    private void expectCopyOf(String copy) {
        String manifest = copy.replace("/identity/", "/manifest/");
        assertArrayEquals(Objects.requireNonNull(bucket.bytes(manifest)), bucket.bytes(copy), copy);
    }

    @Test
    void creationAndGrowthWriteOneAndTheOldestGo() {
        gateway.create(ByteSize.ofMiB(1));
        assertEquals(List.of("sim/identity/0000000000000001"), copies());
        expectCopyOf(copies().get(0));
        gateway.open();
        assertEquals(1, copies().size(), "an opening that finds one writes none");
        for (int mebibytes = 2; mebibytes <= 5; mebibytes++) {
            gateway.runtime()
                    .await(gateway.opened()
                            .volume()
                            .grow(ByteSize.ofMiB(mebibytes).bytes()));
            gateway.runtime().runFor(java.time.Duration.ofSeconds(1));
            assertEquals(2, copies().size());
            expectCopyOf(copies().get(1));
        }
        gateway.close();
    }

    @Test
    void anOpeningWritesWhatIsMissingDamagedOrSaysSomethingElse() throws IOException {
        gateway.create(ByteSize.ofMiB(1));
        bucket.remove(copies().get(0));
        gateway.open();
        expectCopyOf(copies().get(0));
        gateway.close();
        gateway.reopenDisk();
        bucket.corrupt(copies().get(0), 40, 1);
        gateway.open();
        expectCopyOf(copies().get(1));
        // Growth while copies cannot be written: the volume grows, and the next opening makes good for it.
        gateway.beforeRequest(
                request -> request.isPut() && request.subject().contains("/identity/"),
                () -> gateway.faults().setOutage(true));
        gateway.runtime().await(gateway.opened().volume().grow(ByteSize.ofMiB(2).bytes()));
        gateway.runtime().runFor(java.time.Duration.ofMinutes(2));
        String newest = copies().get(1);
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(java.time.Duration.ofMinutes(2));
        gateway.close();
        gateway.reopenDisk();
        gateway.open();
        assertNotEquals(newest, copies().get(1));
        expectCopyOf(copies().get(1));
        assertEquals(2, copies().size());
    }

    @Test
    void whatALateRequestOrADeadProcessLeavesIsSweptAfterTheOpening() throws IOException {
        gateway.create(ByteSize.ofMiB(1));
        String first = copies().get(0);
        byte[] ofBefore = Objects.requireNonNull(bucket.bytes(first));
        gateway.open();
        grow(2);
        grow(3);
        grow(4);
        List<String> kept = copies();
        bucket.replace(first, ofBefore);
        gateway.runtime().runFor(Duration.ofMinutes(30));
        assertEquals(kept, copies());
        gateway.close();
        gateway.deleteCache();
        Volumes administrator = gateway.volumes();
        gateway.runtime()
                .await(administrator.changePassphrase(SETTINGS.settings(), new SimulatedSettings.FixedSecret("new")));
        gateway.settings(SimulatedSettings.plain().encrypted("new"));
        List<String> ofNow = copies();
        assertEquals(1, ofNow.size());
        bucket.replace(first, ofBefore);
        gateway.open();
        gateway.runtime().runFor(Duration.ofMinutes(30));
        assertEquals(ofNow, copies(), "the old passphrase opens none");
    }

    private void grow(int mebibytes) {
        gateway.runtime()
                .await(gateway.opened().volume().grow(ByteSize.ofMiB(mebibytes).bytes()));
        gateway.runtime().runFor(Duration.ofSeconds(1));
    }

    @Test
    void anOutageOfTheCopyIsNoFailureOfTheCreation() {
        gateway.beforeRequest(
                request -> request.isPut() && request.subject().contains("/identity/"),
                () -> gateway.faults().setOutage(true));
        gateway.create(ByteSize.ofMiB(1));
        assertEquals(List.of(), copies());
        assertTrue(bucket.keys().contains("sim/manifest/0000000000000001"));
    }

    @Test
    void deletionTakesThemAlong() {
        gateway.create(ByteSize.ofMiB(1));
        Volumes volumes = gateway.volumes();
        assertTrue(gateway.runtime().await(volumes.delete(SETTINGS.settings(), gone -> {})) > 0);
        assertEquals(List.of(), bucket.keys());
    }
}
