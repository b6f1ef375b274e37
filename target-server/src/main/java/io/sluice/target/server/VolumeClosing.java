package io.sluice.target.server;

import io.sluice.config.ByteSize;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.volume.CloseReport;
import io.sluice.target.cli.FailureText;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes the volumes of all LUNs side by side and says, one line each, how it went. */
final class VolumeClosing {
    private static final Logger log = LoggerFactory.getLogger(VolumeClosing.class);
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private final Map<ServedLun, CompletableFuture<CloseReport>> closing = new LinkedHashMap<>();

    private VolumeClosing(List<ServedLun> luns) {
        for (ServedLun lun : luns) {
            OpenedVolume opened = lun.opened();
            if (opened != null) {
                closing.put(lun, opened.volume().close());
            }
        }
    }

    /** Waits until every volume is closed; false when one could not be closed in order. */
    static boolean closeAll(List<ServedLun> luns) throws InterruptedException {
        VolumeClosing all = new VolumeClosing(luns);
        LongWork.await(
                CompletableFuture.allOf(all.closing.values().toArray(CompletableFuture[]::new)),
                SILENCE,
                all::progress);
        boolean clean = true;
        for (Map.Entry<ServedLun, CompletableFuture<CloseReport>> each : all.closing.entrySet()) {
            clean &= report(each.getKey(), each.getValue());
        }
        return clean;
    }

    private void progress() {
        closing.forEach((lun, future) -> {
            OpenedVolume opened = lun.opened();
            if (!future.isDone() && opened != null) {
                log.info(
                        "volume {}: closing, {} are still on their way to the bucket (at most {} s)",
                        lun.settings().volume().name(),
                        new ByteSize(opened.volume().status().dirtyBytes()),
                        lun.settings().volume().flush().drainTimeout().toSeconds());
            }
        });
    }

    /** Waits until one volume is closed; what is to be known of it. */
    static String close(ServedLun lun) throws InterruptedException, IOException {
        VolumeClosing one = new VolumeClosing(List.of(lun));
        CompletableFuture<CloseReport> closed = one.closing.get(lun);
        if (closed == null) {
            return "it was not open";
        }
        LongWork.await(closed, SILENCE, one::progress);
        if (!report(lun, closed)) {
            throw new IOException("its volume could not be closed in order; the next opening recovers it");
        }
        CloseReport report = closed.join();
        return report.drained()
                ? "the bucket holds everything, sequence " + report.lastSequence() + notClean(report)
                : report.bytesOnlyInJournal() + " bytes are only in the local journal: keep "
                        + lun.settings().volume().cacheDirectory();
    }

    private static String notClean(CloseReport report) {
        return report.clean()
                ? ""
                : ", but does not say that the volume was closed: another cache directory needs \"sluice volume take-over\"";
    }

    private static boolean report(ServedLun lun, CompletableFuture<CloseReport> closed) {
        String name = lun.settings().volume().name();
        try {
            CloseReport report = closed.join();
            if (report.drained() && report.clean()) {
                log.info("volume {} closed: the bucket holds everything, sequence {}", name, report.lastSequence());
            } else if (report.drained()) {
                log.warn(
                        "volume {} closed: the bucket holds everything, sequence {}{}",
                        name,
                        report.lastSequence(),
                        notClean(report));
            } else {
                log.warn(
                        "volume {} closed: {} bytes are only in the local journal (keep {} for the next start), the bucket"
                                + " ends at sequence {}",
                        name,
                        report.bytesOnlyInJournal(),
                        lun.settings().volume().cacheDirectory(),
                        report.lastSequence());
            }
            return true;
        } catch (RuntimeException failure) {
            log.error(
                    "volume {} could not be closed in order, the next start recovers it: {}",
                    name,
                    FailureText.of(failure),
                    FailureText.isOurMistake(failure) ? failure : null);
            return false;
        }
    }
}
