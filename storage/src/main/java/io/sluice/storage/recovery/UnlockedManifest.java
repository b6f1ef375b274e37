package io.sluice.storage.recovery;

import io.sluice.config.SecretSource;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.crypto.WrappedKey;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A manifest whose key is known and whose seal was checked with it.
 *
 * @param key null when the volume is not encrypted; the caller closes it when he is done
 */
public record UnlockedManifest(Manifest manifest, @Nullable VolumeKey key, Sealing sealing) {
    /**
     * Unwraps the key and checks the seal; blocks for about half a second.
     *
     * @param passphrase empty when the caller expects a volume without encryption; one that he expects to be encrypted is
     *     refused when the manifest says that it is not, because such a manifest anybody can forge
     * @throws WrongPassphraseException when the passphrase does not open the key
     * @throws DamagedObjectException when another key sealed the manifest, or it was changed since
     */
    public static UnlockedManifest of(
            Manifest manifest, ObjectNames names, Optional<SecretSource> passphrase, Entropy entropy)
            throws IOException, SecretSource.SecretUnavailableException {
        VolumeKey key = unwrap(manifest, names, passphrase);
        Sealing sealing = key == null ? new ChecksumSealing(entropy) : new GcmSealing(key, entropy);
        if (!ManifestStore.verify(manifest, sealing)) {
            throw new DamagedObjectException(
                    names.manifest(manifest.number()), "was not written by an owner of the volume's key");
        }
        return new UnlockedManifest(manifest, key, sealing);
    }

    private static @Nullable VolumeKey unwrap(Manifest manifest, ObjectNames names, Optional<SecretSource> passphrase)
            throws IOException, SecretSource.SecretUnavailableException {
        if (manifest.encrypted() != passphrase.isPresent()) {
            throw new IOException("volume \"" + names.volumeName() + "\" is "
                    + (manifest.encrypted()
                            ? "encrypted, but its configuration says encryption = none"
                            : "not encrypted, but its configuration gives a passphrase: write encryption = none"));
        }
        if (passphrase.isEmpty()) {
            return null;
        }
        SecretSource source = passphrase.get();
        WrappedKey wrapped = manifest.key()
                .orElseThrow(() -> new DamagedObjectException(names.manifest(manifest.number()), "holds no key"));
        try {
            return KeyWrapping.unwrap(wrapped, source.read());
        } catch (WrongPassphraseException wrong) {
            throw new WrongPassphraseException(source.describe(), wrong);
        }
    }
}
