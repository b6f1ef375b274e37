package io.sluice.target.server;

import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.recovery.RecoveryReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the volumes of all LUNs side by side and says, one line each, what was found. */
final class VolumeOpening {
    private static final Logger log = LoggerFactory.getLogger(VolumeOpening.class);

    private VolumeOpening() {}

    /** Waits until every volume is open or has failed; in the order of {@code luns}. */
    static List<ServedLun> openAll(Volumes volumes, List<LunSettings> luns) {
        List<CompletableFuture<ServedLun>> openings = new ArrayList<>();
        for (LunSettings lun : luns) {
            openings.add(volumes.open(lun.volume())
                    .thenApply(opened -> accept(lun, opened))
                    .exceptionally(failure -> refuse(lun, failure)));
        }
        return openings.stream().map(CompletableFuture::join).toList();
    }

    private static ServedLun accept(LunSettings lun, OpenedVolume opened) {
        RecoveryReport report = opened.report();
        log.info(
                "{} LUN {}: volume {} open: {}, {}, epoch {}, sequence {}{}, {} segments and {} journal blocks replayed,"
                        + " {} ms",
                lun.targetName(),
                lun.lun(),
                lun.volume().name(),
                new ByteSize(opened.manifest().sizeBytes()),
                opened.manifest().encrypted() ? "encrypted" : "NOT ENCRYPTED",
                report.epoch(),
                report.bucketSequence(),
                report.bucketTimeMillis() == 0 ? "" : " of " + Instant.ofEpochMilli(report.bucketTimeMillis()),
                report.segmentsReplayed(),
                report.journalBlocksReplayed(),
                report.took().toMillis());
        for (String note : report.notes()) {
            log.warn("{} LUN {}: {}", lun.targetName(), lun.lun(), note);
        }
        if (opened.manifest().sizeBytes() != lun.size().bytes()) {
            log.warn(
                    "{} LUN {}: the volume has {}, the file {} says {}; the volume's own size counts",
                    lun.targetName(),
                    lun.lun(),
                    new ByteSize(opened.manifest().sizeBytes()),
                    lun.file(),
                    lun.size());
        }
        return new ServedLun(lun, opened, null);
    }

    private static ServedLun refuse(LunSettings lun, Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        log.error(
                "{} LUN {}: volume {} is not served: {}",
                lun.targetName(),
                lun.lun(),
                lun.volume().name(),
                message);
        log.debug("the cause", cause);
        return new ServedLun(lun, null, message);
    }
}
