package io.sluice.storage.inspection;

import io.sluice.storage.format.Failures;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Checks the structure of a volume in its bucket ({@code sluice fsck}): everything but the content of the frames. Changes
 * nothing. A gateway may go on meanwhile: what is found is told only when no manifest was made during the run, or the next
 * run, over the newer state, finds the same.
 */
public final class VolumeCheck {
    private static final int RUNS_MAX = 3;
    private static final int CUTS_MAX = 20;
    private static final int OLDER_MANIFESTS_MAX = 8;
    private static final int MAP_PAGES = 256;

    private final VolumeAccess access;
    private final CheckOptions options;
    private final CheckProgress progress;
    private final Lane lane;
    /** Runs that could not be ended. */
    private int cuts;

    /** Of the volume of {@code access}. */
    public VolumeCheck(VolumeAccess access, CheckOptions options, CheckProgress progress) {
        this.access = access;
        this.options = options;
        this.progress = progress;
        this.lane = access.runtime().blockingLane("check-" + access.volume());
    }

    /** What one run found, and the number of the newest manifest when it began. */
    private record Run(CheckReport report, FindingList findings, long newest) {}

    /**
     * Checks. Fails when it cannot be checked: no such volume, wrong passphrase, the store cannot be asked. Damage is no
     * failure.
     */
    public CompletableFuture<CheckReport> run() {
        return run(1, List.of());
    }

    private CompletableFuture<CheckReport> run(int number, List<CheckFinding> before) {
        return new ManifestCheck(access, lane)
                .run()
                .thenComposeAsync(manifests -> open(manifests, points(manifests), 0, new FindingList(), number), lane)
                .thenComposeAsync(run -> confirm(run, number, before), lane)
                .exceptionallyCompose(failure -> beginAnew(failure, number));
    }

    /** What the opening of the view had found was removed before the check came to it: a gateway goes on. */
    private CompletableFuture<CheckReport> beginAnew(Throwable failure, int number) {
        if (!MappingReader.isDamage(failure)) {
            return CompletableFuture.failedFuture(failure);
        }
        cuts++;
        return cuts < CUTS_MAX
                ? run(number, List.of())
                : CompletableFuture.failedFuture(new SupersededViewException("a gateway goes on with volume \""
                        + access.volume() + "\" faster than it can be checked; check again when it writes less ("
                        + MappingReader.reason(failure) + ")"));
    }

    /** The ways to open a view, best first. */
    private static List<ViewedPoint> points(ManifestCheck manifests) {
        List<ViewedPoint> points = new ArrayList<>();
        points.add(ViewedPoint.NEWEST);
        points.add(new ViewedPoint(OptionalLong.empty(), true));
        manifests.readableNumbers().stream()
                .limit(OLDER_MANIFESTS_MAX)
                .forEach(number -> points.add(new ViewedPoint(OptionalLong.of(number), true)));
        return points;
    }

    private CompletableFuture<Run> open(
            ManifestCheck manifests, List<ViewedPoint> points, int at, FindingList findings, int number) {
        if (manifests.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new VolumeNotFoundException(access.volume(), access.store().describe()));
        }
        if (at == points.size()) {
            manifests.tellDamaged(findings);
            return CompletableFuture.completedFuture(new Run(
                    new CheckReport(Optional.empty(), 0, 0, 0, 0, 0, 0, number, findings.all(), findings.leftOut()),
                    findings,
                    manifests.newest()));
        }
        return BucketVolume.open(access, points.get(at), MAP_PAGES)
                .thenComposeAsync(view -> check(view, manifests, findings, number), lane)
                .exceptionallyCompose(failure -> {
                    if (Failures.unwrap(failure) instanceof CheckFailed stopped) {
                        return CompletableFuture.failedFuture(stopped.why);
                    }
                    if (!MappingReader.isDamage(failure)) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    if (at == 1 && !manifests.isNewestDamaged()) {
                        findings.add(
                                CheckFinding.Kind.CHECKPOINT_ROOT,
                                "the newest checkpoint of volume " + access.volume(),
                                "cannot be read: " + MappingReader.reason(failure)
                                        + "; the check goes on with an older manifest, if there is one");
                    }
                    return open(manifests, points, at + 1, findings, number);
                });
    }

    /** The check itself could not go on, as opposed to the opening of its view. */
    private static final class CheckFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Throwable why;

        CheckFailed(Throwable why) {
            super(why);
            this.why = why;
        }
    }

    private CompletableFuture<Run> check(BucketVolume view, ManifestCheck manifests, FindingList findings, int number) {
        return CompletableFuture.completedFuture(view)
                .thenComposeAsync(
                        opened -> {
                            manifests.tell(view.sealing(), findings);
                            return ObjectCensus.take(access.store(), access.names(), view.lane());
                        },
                        view.lane())
                .thenComposeAsync(census -> checkAll(view, census, findings, number, manifests.newest()), view.lane())
                .whenCompleteAsync((run, failure) -> view.close(), view.lane())
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(new CheckFailed(Failures.unwrap(failure))));
    }

    private CompletableFuture<Run> checkAll(
            BucketVolume view, ObjectCensus census, FindingList findings, int number, long newest) {
        census.unknown()
                .forEach(key -> findings.add(CheckFinding.Kind.OBJECT_UNKNOWN, key, "is no object of the volume"));
        CheckpointCheck checkpoint = new CheckpointCheck(view, census, findings);
        SegmentCheck[] segments = new SegmentCheck[1];
        progress.at("checkpoint", 0, 0);
        return checkpoint
                .run(options.requests())
                .thenComposeAsync(
                        done -> {
                            segments[0] =
                                    new SegmentCheck(view, census, checkpoint.table(), options, findings, progress);
                            return segments[0].run();
                        },
                        view.lane())
                .thenApplyAsync(
                        done -> {
                            checkCache(view, findings);
                            return new Run(
                                    new CheckReport(
                                            Optional.of(view.manifest()),
                                            view.lastSegment(),
                                            view.epoch(),
                                            view.sequence(),
                                            segments[0].looked(),
                                            checkpoint.pages(),
                                            segments[0].mappedBlocks(),
                                            number,
                                            findings.all(),
                                            findings.leftOut()),
                                    findings,
                                    newest);
                        },
                        view.lane());
    }

    private void checkCache(BucketVolume view, FindingList findings) {
        if (options.cache().isPresent()) {
            try {
                new CacheCheck(view, findings).run(options.cache().get());
            } catch (IOException failure) {
                throw new CompletionException(failure);
            }
        }
    }

    /** Whether a gateway has made a manifest since {@code run} began. */
    private CompletableFuture<Boolean> isOutdated(Run run) {
        if (run.report().manifest().isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        return new ManifestStore(
                        access.store(), access.names(), access.runtime().entropy())
                .list(RequestCause.ADMIN)
                .thenApply(numbers -> !numbers.isEmpty() && numbers.get(numbers.size() - 1) > run.newest());
    }

    private CompletableFuture<CheckReport> confirm(Run run, int number, List<CheckFinding> before) {
        if (!run.findings().needsConfirmation()) {
            return CompletableFuture.completedFuture(run.report());
        }
        return isOutdated(run)
                .thenComposeAsync(
                        outdated -> {
                            if (!outdated) {
                                return CompletableFuture.completedFuture(run.report());
                            }
                            List<CheckFinding> findings = run.report().findings();
                            boolean all = findings.stream().allMatch(finding -> isConfirmed(finding, before));
                            if (all || number == RUNS_MAX) {
                                return CompletableFuture.completedFuture(onlyConfirmed(run.report(), before));
                            }
                            return run(number + 1, findings);
                        },
                        lane);
    }

    private static boolean isConfirmed(CheckFinding finding, List<CheckFinding> before) {
        return finding.kind().severity() == CheckFinding.Severity.INFORMATION
                || before.stream().anyMatch(finding::isSameAs);
    }

    private CheckReport onlyConfirmed(CheckReport report, List<CheckFinding> before) {
        List<CheckFinding> confirmed = new ArrayList<>();
        long open = 0;
        for (CheckFinding finding : report.findings()) {
            if (isConfirmed(finding, before)) {
                confirmed.add(finding);
            } else {
                open++;
            }
        }
        if (open > 0) {
            confirmed.add(new CheckFinding(
                    CheckFinding.Kind.UNCONFIRMED,
                    "volume " + access.volume(),
                    open
                            + " findings were not there a run before, and may come from a gateway that goes on: check again"
                            + " when it writes less"));
        }
        return new CheckReport(
                report.manifest(),
                report.lastSegment(),
                report.epoch(),
                report.sequence(),
                report.segments(),
                report.checkpointPages(),
                report.mappedBlocks(),
                report.runs(),
                confirmed,
                report.findingsLeftOut());
    }
}
