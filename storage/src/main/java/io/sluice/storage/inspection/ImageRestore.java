package io.sluice.storage.inspection;

import io.sluice.storage.format.Failures;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link RestoreTarget} the image of a volume at one point of its history, beside a gateway that may go on.
 *
 * <pre>
 *   open view ─▶ pass ─▶ done
 *       ▲          │ objects of the view were deleted meanwhile, target repeatable
 *       └──────────┘
 * </pre>
 *
 * <p>A later pass is of a newer view and writes only blocks whose locators differ, so the image is of one view as a whole
 * in the end: the last one. One instance restores once.
 */
public final class ImageRestore {
    private static final int PASSES_MAX = 32;
    private static final int MAP_PAGES = 256;

    private final VolumeAccess access;
    private final RestoreOptions options;
    private final RestoreTarget target;
    private final RestoreProgress progress;
    private final Tally tally = new Tally();
    private final CompletableFuture<RestoreReport> result = new CompletableFuture<>();
    private int passes;

    /** Sums over all passes; the view's lane. */
    static final class Tally {
        long bytesWritten;
        long bytesThere;
        long bytesRead;
        long requests;
    }

    /** Restores the volume of {@code access} into {@code target}. */
    public ImageRestore(VolumeAccess access, RestoreOptions options, RestoreTarget target, RestoreProgress progress) {
        this.access = access;
        this.options = options;
        this.target = target;
        this.progress = progress;
    }

    /**
     * Starts. Fails as {@link BucketVolume#open} does, with {@link DamagedBlocksException} when blocks are damaged and are
     * not to be skipped, with {@link SupersededViewException} when a gateway went on and the target cannot be written anew,
     * and with what the target throws.
     */
    public CompletableFuture<RestoreReport> run() {
        pass();
        return result;
    }

    private void pass() {
        passes++;
        Futures.then(BucketVolume.open(access, options.point(), MAP_PAGES), Runnable::run, (view, failure) -> {
            if (view == null) {
                fail(failure);
            } else {
                view.lane().execute(() -> pass(view));
            }
        });
    }

    private void pass(BucketVolume view) {
        List<BlockDamage> damaged = new ArrayList<>();
        RestorePass pass = new RestorePass(view, options, target, progress, tally, damaged);
        Futures.then(pass.run(), view.lane(), (done, failure) -> {
            if (failure == null) {
                end(view, damaged);
            } else {
                view.close();
                wentWrong(failure);
            }
        });
    }

    private void wentWrong(Throwable failure) {
        boolean superseded = Failures.unwrap(failure) instanceof SupersededViewException;
        if (superseded && target.isRepeatable() && options.point().manifest().isEmpty() && passes < PASSES_MAX) {
            pass();
        } else {
            fail(failure);
        }
    }

    private void end(BucketVolume view, List<BlockDamage> damaged) {
        Futures.then(newestWriteMillis(view), view.lane(), (millis, failure) -> {
            RestoreReport report = new RestoreReport(
                    view.manifest(),
                    view.lastSegment(),
                    view.epoch(),
                    view.sequence(),
                    millis == null ? 0 : millis,
                    tally.bytesWritten,
                    tally.bytesThere,
                    tally.bytesRead,
                    tally.requests,
                    passes,
                    damaged);
            view.close();
            result.complete(report);
        });
    }

    /** When no segment stands behind the checkpoint, the last one that it covers may still be there to tell. */
    private static CompletableFuture<Long> newestWriteMillis(BucketVolume view) {
        long known = view.newestWriteMillis();
        long covered = view.manifest().checkpoint().coversSegment();
        if (known != 0 || covered == 0) {
            return CompletableFuture.completedFuture(known);
        }
        return view.access()
                .store()
                .head(view.names().segment(covered), RequestCause.ADMIN)
                .thenCompose(head -> view.segments().readHeader(covered, head.sizeBytes(), RequestCause.ADMIN))
                .thenApply(SegmentHeader::wallTimeMillis);
    }

    private void fail(@Nullable Throwable failure) {
        result.completeExceptionally(
                failure == null ? new IllegalStateException("neither view nor failure") : Failures.unwrap(failure));
    }
}
