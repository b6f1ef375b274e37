package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.Volumes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The LUNs of the server, their volumes and what hosts see of them. Anybody may look ({@link #all}); changes come from one
 * thread at a time: the start, reloads, the stop.
 *
 * <ol>
 *   <li>The list is never changed but replaced; a target has a LUN number once, the list a volume once.
 *   <li>An open volume is in the list from the moment it is open until it is closed: a stop overlooks none.
 *   <li>A volume is shown after it was opened and closed after it was hidden, when its commands have ended.
 * </ol>
 */
final class ServedLuns {
    private static final Logger log = LoggerFactory.getLogger(ServedLuns.class);
    /** For commands of a LUN that goes: they end by themselves unless the disk hangs, and then closing waits for them. */
    private static final Duration QUIET_TIME = Duration.ofSeconds(30);
    /** For the bucket to take a new size. */
    private static final Duration GROWTH_TIME = Duration.ofSeconds(30);

    private final Volumes volumes;
    private final ServedTargets targets;
    private volatile List<ServedLun> all;

    /** Opens nothing yet. */
    ServedLuns(Volumes volumes, SluiceConfiguration configuration) {
        this.volumes = volumes;
        this.targets = new ServedTargets(configuration.server());
        this.all = configuration.luns().stream().map(ServedLun::notYetOpen).toList();
    }

    List<ServedLun> all() {
        return all;
    }

    ServedTargets targets() {
        return targets;
    }

    /** At the start: opens every volume; what cannot be opened says why. Nothing is shown yet. */
    void openAll() throws InterruptedException {
        all = VolumeOpening.openAll(
                volumes, all.stream().map(ServedLun::settings).toList());
    }

    /** At the start: shows what is open. */
    void showAll() {
        all = all.stream().map(targets::show).toList();
    }

    /** At the end: closes every volume; false when one could not be closed in order. */
    boolean closeAll() throws InterruptedException {
        return VolumeClosing.closeAll(all);
    }

    /** Opens and shows one more; in the place of one that is not open, or has been fenced or failed, if there is one. */
    void add(LunSettings lun) throws IOException, InterruptedException {
        for (ServedLun other : all) {
            if (other.isOpen()
                    && !other.isServing()
                    && other.isAt(lun.targetName(), lun.lun())
                    && other.settings().volume().name().equals(lun.volume().name())) {
                log.info(
                        "volume {}: closed, to be opened anew: {}", lun.volume().name(), remove(lun));
            }
        }
        for (ServedLun other : all) {
            if (other.isOpen() && other.isAt(lun.targetName(), lun.lun())) {
                throw new IOException("volume " + other.settings().volume().name()
                        + " is still shown under this number, because it could not be removed");
            }
        }
        ServedLun opened = VolumeOpening.openAll(volumes, List.of(lun)).get(0);
        replace(inPlaceOf(lun, opened));
        String failure = opened.failure();
        ServedLun shown = targets.show(opened);
        replaceOne(shown);
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    /** Hides and closes one; what is to be known of it. It is gone from the list also when closing fails. */
    String remove(LunSettings lun) throws IOException, InterruptedException {
        ServedLun leaving = find(lun);
        ServedLun.Shown shown = leaving.shown();
        if (shown != null) {
            awaitQuiet(leaving, shown.target().removeLogicalUnit(lun.lun()));
        }
        try {
            return VolumeClosing.close(leaving);
        } finally {
            drop(lun);
        }
    }

    private static void awaitQuiet(ServedLun lun, CompletableFuture<Void> quiet) throws InterruptedException {
        try {
            quiet.get(QUIET_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            log.warn(
                    "{} LUN {}: commands do not end, its volume is closed under them",
                    lun.settings().targetName(),
                    lun.settings().lun(),
                    slow);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("waiting for commands failed", failed.getCause());
        }
    }

    /** Grows the volume, then tells every nexus of the LUN (2A/09), whenever that is. */
    void grow(LunSettings lun) throws IOException, InterruptedException {
        ServedLun growing = find(lun);
        CompletableFuture<Void> told =
                open(growing).volume().grow(lun.size().bytes()).thenAccept(grown -> tellCapacity(growing));
        try {
            told.get(GROWTH_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new IOException(
                    "the bucket has not taken the new size within " + GROWTH_TIME.toSeconds()
                            + " s; it is tried on, and hosts are told when it is done",
                    slow);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException known) {
                throw known;
            }
            throw new IllegalStateException("growing failed", failed.getCause());
        }
    }

    private static void tellCapacity(ServedLun lun) {
        ServedLun.Shown shown = lun.shown();
        if (shown != null) {
            shown.unit().capacityChanged();
        }
    }

    /** Shows a LUN with the vendor, product and protection that {@code lun} says. */
    void present(LunSettings lun) {
        ServedLun served = find(lun);
        ServedLun.Shown shown = served.shown();
        if (shown != null) {
            shown.unit().present(ServedTargets.identity(lun, open(served)), targets.behaviour(lun));
        }
        replaceOne(served.withSettings(lun));
    }

    /** Takes over the settings of open LUNs; what of them matters was changed before. */
    void adopt(List<LunSettings> luns) {
        for (LunSettings lun : luns) {
            all.stream()
                    .filter(at(lun))
                    .filter(served -> served.isOpen()
                            && served.settings()
                                    .volume()
                                    .name()
                                    .equals(lun.volume().name()))
                    .findFirst()
                    .ifPresent(served -> replaceOne(served.withSettings(lun)));
        }
    }

    private static OpenedVolume open(ServedLun lun) {
        OpenedVolume opened = lun.opened();
        if (opened == null) {
            throw new IllegalStateException("volume " + lun.settings().volume().name() + " is not open");
        }
        return opened;
    }

    private ServedLun find(LunSettings lun) {
        return all.stream()
                .filter(at(lun))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no LUN " + lun.lun()));
    }

    private static Predicate<ServedLun> at(LunSettings lun) {
        return served -> served.isAt(lun.targetName(), lun.lun());
    }

    private List<ServedLun> inPlaceOf(LunSettings lun, ServedLun newer) {
        List<ServedLun> changed = new ArrayList<>(all);
        changed.removeIf(at(lun));
        changed.add(newer);
        return changed;
    }

    private void drop(LunSettings lun) {
        replace(all.stream().filter(at(lun).negate()).toList());
    }

    private void replaceOne(ServedLun newer) {
        Predicate<ServedLun> same = at(newer.settings());
        replace(all.stream().map(one -> same.test(one) ? newer : one).toList());
    }

    private void replace(List<ServedLun> luns) {
        all = luns.stream()
                .sorted(java.util.Comparator.comparing(
                                (ServedLun lun) -> lun.settings().targetName())
                        .thenComparingInt(lun -> lun.settings().lun()))
                .toList();
    }
}
