package io.sluice.storage.rebuild;

import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.recovery.UnlockedManifest;
import java.util.List;

/**
 * Who the volume is, from the newest object that says it.
 *
 * @param unlocked the newest manifest, or copy of one, that can be read and was sealed with the volume's key
 * @param object its key
 * @param newestIsSound whether it is the newest manifest of all
 * @param sizeBytes the greatest size that anything sound says: a volume never gets smaller
 * @param numberMax the greatest number among manifests and copies, readable or not
 * @param epochMax the greatest epoch among those that can be read
 * @param committedSegment segments up to this number were committed, according to those that can be read
 * @param unusable manifests and copies that cannot be used, and why
 */
record FoundIdentity(
        UnlockedManifest unlocked,
        String object,
        boolean newestIsSound,
        long sizeBytes,
        long numberMax,
        long epochMax,
        long committedSegment,
        List<String> unusable) {
    Manifest manifest() {
        return unlocked.manifest();
    }
}
