package io.sluice.config.load;

import io.sluice.config.StoreSettings;
import io.sluice.config.schema.Key;
import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.Place;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/** Finds LUNs that are right each by itself, but not together. The later file is blamed and names the earlier one. */
final class LunConflicts {
    private final MistakeLog log;

    LunConflicts(MistakeLog log) {
        this.log = log;
    }

    void check(List<LunDraft> luns) {
        checkNumbers(luns);
        checkVolumes(luns);
        checkPairs(luns);
        for (LunDraft lun : luns) {
            checkStoreBesideCache(lun, luns);
        }
    }

    private record LunAddress(String target, int lun) {}

    private void checkNumbers(List<LunDraft> luns) {
        Map<LunAddress, LunDraft> first = new HashMap<>();
        for (LunDraft lun : luns) {
            if (lun.values().isGood(LunSchema.TARGET) && lun.values().isGood(LunSchema.LUN)) {
                LunAddress number = new LunAddress(
                        lun.settings().targetName(), lun.settings().lun());
                LunDraft earlier = first.putIfAbsent(number, lun);
                if (earlier != null) {
                    Key<?> blamed = lun.values().isGiven(LunSchema.LUN) ? LunSchema.LUN : LunSchema.TARGET;
                    blame(
                            lun,
                            blamed,
                            "LUN " + number.lun() + " of " + number.target() + " is already declared at "
                                    + shown(earlier, LunSchema.TARGET),
                            "write another lun or target");
                }
            }
        }
    }

    private record VolumeLocation(StoreSettings store, String name) {}

    private void checkVolumes(List<LunDraft> luns) {
        Map<VolumeLocation, LunDraft> first = new HashMap<>();
        for (LunDraft lun : luns) {
            if (isVolumeKnown(lun)) {
                StoreSettings store = location(lun.settings().volume().store());
                LunDraft earlier = first.putIfAbsent(
                        new VolumeLocation(store, lun.settings().volume().name()), lun);
                if (earlier != null) {
                    blame(
                            lun,
                            LunSchema.VOLUME,
                            "the volume is already that of the LUN at " + shown(earlier, LunSchema.VOLUME),
                            "write another volume name: one volume has one LUN");
                }
            }
        }
    }

    /** A store that could not be read has a stand-in, which is the same for all LUNs. */
    private static boolean isVolumeKnown(LunDraft lun) {
        return lun.values().isGood(LunSchema.VOLUME)
                && !lun.settings().volume().store().equals(StandIns.STORE);
    }

    /** What makes two stores the same place, whatever else is set. */
    private static StoreSettings location(StoreSettings store) {
        if (store instanceof StoreSettings.S3 s3) {
            String endpoint = s3.endpoint()
                    .map(uri -> uri.toString().replaceFirst("/$", ""))
                    .orElse("");
            return new StoreSettings.File(Path.of("/" + endpoint, s3.bucket(), s3.prefix()));
        }
        return store;
    }

    private void checkPairs(List<LunDraft> luns) {
        for (int later = 1; later < luns.size(); later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                checkCacheDirectories(luns.get(earlier), luns.get(later));
            }
        }
    }

    private void checkCacheDirectories(LunDraft earlier, LunDraft later) {
        if (!isCacheKnown(earlier) || !isCacheKnown(later)) {
            return;
        }
        Path first = earlier.settings().volume().cacheDirectory();
        Path second = later.settings().volume().cacheDirectory();
        BiPredicate<Path, Path> within = Path::startsWith;
        if (within.test(first, second) || within.test(second, first)) {
            Key<?> blamed = cacheKey(later);
            String what = first.equals(second)
                    ? "the cache directory " + second + " is already that of the LUN at "
                    : "the cache directory " + second + " is not apart from " + first + " of the LUN at ";
            String instead = "write another cache-directory: every LUN needs its own";
            blame(later, blamed, what + shown(earlier, cacheKey(earlier)), instead);
        }
    }

    private static Key<?> cacheKey(LunDraft lun) {
        return lun.values().isGiven(LunSchema.CACHE_DIRECTORY) ? LunSchema.CACHE_DIRECTORY : LunSchema.VOLUME;
    }

    private static boolean isCacheKnown(LunDraft lun) {
        return lun.values().isGood(cacheKey(lun));
    }

    /** Who deletes a cache directory, which is allowed, must not delete the objects with it. */
    private void checkStoreBesideCache(LunDraft lun, List<LunDraft> luns) {
        if (!(lun.settings().volume().store() instanceof StoreSettings.File store) || store.equals(StandIns.STORE)) {
            return;
        }
        for (LunDraft other : luns) {
            if (isCacheKnown(other)
                    && store.directory().startsWith(other.settings().volume().cacheDirectory())) {
                Place place = lun.values().section(StoreSchema.STORE).place();
                log.mistake(
                        place,
                        "store",
                        "the objects are in " + store.directory() + ", within the cache directory of the LUN at "
                                + shown(other, cacheKey(other)),
                        "keep them apart: a cache directory may be deleted, the objects may not");
                return;
            }
        }
    }

    private void blame(LunDraft lun, Key<?> key, String what, String instead) {
        log.mistake(lun.values().place(key), lun.values().path(key), what, instead);
    }

    private String shown(LunDraft lun, Key<?> key) {
        Place place = lun.values().place(key);
        return log.shown(place.file()) + ":" + place.line();
    }
}
