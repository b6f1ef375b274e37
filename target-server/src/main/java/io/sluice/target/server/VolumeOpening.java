package io.sluice.target.server;

import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.recovery.RecoveryReport;
import io.sluice.target.cli.FailureText;
import io.sluice.target.lun.VolumeReservations;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the volumes of all LUNs side by side and says, one line each, what was found. */
final class VolumeOpening {
    private static final Logger log = LoggerFactory.getLogger(VolumeOpening.class);
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private VolumeOpening() {}

    /** Waits until every volume is open or has failed; in the order of {@code luns}. */
    static List<ServedLun> openAll(Volumes volumes, List<LunSettings> luns) throws InterruptedException {
        List<CompletableFuture<ServedLun>> openings = new ArrayList<>();
        for (LunSettings lun : luns) {
            openings.add(volumes.open(lun.volume())
                    .thenCompose(VolumeOpening::withKnownReservations)
                    .thenCompose(opened -> fit(lun, opened))
                    .thenApply(opened -> accept(lun, opened))
                    .exceptionally(failure -> refuse(lun, failure)));
        }
        LongWork.await(
                CompletableFuture.allOf(openings.toArray(CompletableFuture[]::new)),
                SILENCE,
                () -> log.info("still opening: {}", unfinished(luns, openings)));
        return openings.stream().map(CompletableFuture::join).toList();
    }

    /** Who holds the LUN must be known before anybody logs in; a volume of which it is not is closed again. */
    private static CompletableFuture<OpenedVolume> withKnownReservations(OpenedVolume opened) {
        try {
            var unused = VolumeReservations.of(opened.volume());
            return CompletableFuture.completedFuture(opened);
        } catch (IOException failure) {
            IOException told = new IOException(
                    "its persistent reservations cannot be read, so it is not known which host may write: "
                            + failure.getMessage()
                            + "; if a newer Sluice has served it, serve it with that one",
                    failure);
            return giveUp(opened, told);
        }
    }

    private static String unfinished(List<LunSettings> luns, List<CompletableFuture<ServedLun>> openings) {
        return IntStream.range(0, luns.size())
                .filter(i -> !openings.get(i).isDone())
                .mapToObj(i -> "volume " + luns.get(i).volume().name())
                .collect(Collectors.joining(", "));
    }

    /** The file may say that the volume is to be larger, never that it is to be smaller: then it is closed again. */
    private static CompletableFuture<OpenedVolume> fit(LunSettings lun, OpenedVolume opened) {
        long has = opened.volume().description().sizeBytes();
        if (has == lun.size().bytes()) {
            return CompletableFuture.completedFuture(opened);
        }
        if (has < lun.size().bytes()) {
            return opened.volume()
                    .grow(lun.size().bytes())
                    .thenApply(grown -> opened)
                    .exceptionallyCompose(failure -> giveUp(opened, FailureText.unwrap(failure)));
        }
        return giveUp(
                opened,
                new IOException("the volume has " + new ByteSize(has) + ", but the file " + lun.file() + " says "
                        + lun.size() + ", and a volume cannot become smaller; write size = \"" + new ByteSize(has)
                        + "\""));
    }

    private static CompletableFuture<OpenedVolume> giveUp(OpenedVolume opened, Throwable why) {
        return opened.volume().close().handle((report, failure) -> {
            if (failure != null) {
                why.addSuppressed(failure);
            }
            throw new CompletionException(why);
        });
    }

    private static ServedLun accept(LunSettings lun, OpenedVolume opened) {
        RecoveryReport report = opened.report();
        log.info(
                "{} LUN {}: volume {} open: {}, {}, epoch {}, sequence {}{}, {} segments and {} journal blocks replayed,"
                        + " {} ms",
                lun.targetName(),
                lun.lun(),
                lun.volume().name(),
                new ByteSize(opened.volume().description().sizeBytes()),
                opened.manifest().encrypted() ? "encrypted" : "NOT ENCRYPTED",
                report.epoch(),
                report.bucketSequence(),
                time(report.bucketTimeMillis()),
                report.segmentsReplayed(),
                report.journalBlocksReplayed(),
                report.took().toMillis());
        for (String note : report.notes()) {
            log.warn("{} LUN {}: {}", lun.targetName(), lun.lun(), note);
        }
        warnOfLoss(lun, report);
        warnOfDifferences(lun, opened.manifest());
        return ServedLun.open(lun, opened);
    }

    private static void warnOfLoss(LunSettings lun, RecoveryReport report) {
        if (report.knowsOfLostWrites()) {
            log.warn(
                    "{} LUN {}: writes behind sequence {} were acknowledged and are lost, at least up to sequence {}{}",
                    lun.targetName(),
                    lun.lun(),
                    report.recoveredSequence(),
                    report.newerSequence(),
                    time(report.newerTimeMillis()));
        }
    }

    private static String time(long millis) {
        return millis == 0 ? "" : " of " + Instant.ofEpochMilli(millis);
    }

    private static void warnOfDifferences(LunSettings lun, Manifest manifest) {
        if (manifest.logicalBlockBytes() != lun.logicalBlockBytes()) {
            log.warn(
                    "{} LUN {}: the volume has logical blocks of {} bytes, the file {} says {}; the volume's own count",
                    lun.targetName(),
                    lun.lun(),
                    manifest.logicalBlockBytes(),
                    lun.file(),
                    lun.logicalBlockBytes());
        }
    }

    private static ServedLun refuse(LunSettings lun, Throwable failure) {
        String text = FailureText.of(failure);
        log.error(
                "{} LUN {}: volume {} is not served: {}",
                lun.targetName(),
                lun.lun(),
                lun.volume().name(),
                text,
                FailureText.isOurMistake(failure) ? FailureText.unwrap(failure) : null);
        return ServedLun.failed(lun, text);
    }
}
