package io.sluice.target.fuzz;

import io.sluice.target.scsi.ScsiTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Cases one after another, with a thorough look every so many. A failure names the case, or the run of cases of which each
 * alone is tried on a fresh server to find it; the culprit is made smaller and written to a file.
 */
final class FuzzCampaign {
    private static final int CASES_PER_CHECK = 40;
    private static final Duration MINIMISE_TIME = Duration.ofSeconds(60);
    /** Where summaries and failing cases go. */
    static final Path FOLDER = Path.of("target", "fuzz");

    private final long seed;
    private final UnaryOperator<ScsiTarget> defect;
    private final CaseSource source;
    private long uncheckedFrom;
    private long next;
    private long cases;
    private String summary = "";

    /** What failed: the text for people, and the smallest case that fails alike, if one does alone. */
    record Failure(String what, FuzzCase smallest, boolean alone) {}

    FuzzCampaign(long seed, UnaryOperator<ScsiTarget> defect) throws IOException {
        this.seed = seed;
        this.defect = defect;
        try (FuzzServer server = new FuzzServer()) {
            source = new CaseSource(seed, Corpus.load(), new CdbSource(server.commands()));
        }
    }

    long cases() {
        return cases;
    }

    /** What happened all around. */
    String summary() {
        return summary;
    }

    /** Runs cases from number {@code first} on; the first failure, explained. */
    Optional<Failure> run(long first, Duration time, long casesMax) throws IOException, InterruptedException {
        Optional<String> complaint = attack(first, time, casesMax);
        return complaint.isEmpty() ? Optional.empty() : Optional.of(explain(complaint.get(), uncheckedFrom, next));
    }

    /** Runs cases from the first one on; what went wrong first. */
    Optional<String> firstComplaint(Duration time, long casesMax) throws IOException, InterruptedException {
        return attack(0, time, casesMax);
    }

    private Optional<String> attack(long first, Duration time, long casesMax) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        uncheckedFrom = first;
        next = first;
        try (FuzzBench bench = new FuzzBench(seed, defect)) {
            Optional<String> complaint = Optional.empty();
            while (complaint.isEmpty() && System.nanoTime() < deadline && next < first + casesMax) {
                complaint = bench.run(source.make(next));
                next++;
                if (complaint.isEmpty() && next - uncheckedFrom >= CASES_PER_CHECK) {
                    complaint = bench.check();
                    uncheckedFrom = complaint.isEmpty() ? next : uncheckedFrom;
                }
            }
            if (complaint.isEmpty()) {
                complaint = bench.check();
            }
            summary = bench.summary();
            cases = next - first;
            return complaint;
        }
    }

    /** Runs one case on a fresh server. */
    Optional<String> runAlone(FuzzCase one) throws IOException, InterruptedException {
        try (FuzzBench bench = new FuzzBench(seed, defect)) {
            Optional<String> complaint = bench.run(one);
            return complaint.isPresent() ? complaint : bench.check();
        }
    }

    /** The latest case first: it is the most likely one. */
    private Failure explain(String complaint, long from, long to) throws IOException {
        String range = "cases " + from + " to " + (to - 1) + " of seed " + seed + ": " + complaint;
        for (long number = to - 1; number >= from; number--) {
            FuzzCase suspect = source.make(number);
            if (fails(suspect)) {
                FuzzCase smallest = new Minimiser(this::fails, MINIMISE_TIME).minimise(suspect);
                Path file = FOLDER.resolve("seed-" + seed + "-case-" + number + ".txt");
                smallest.write(file, complaint);
                return new Failure(
                        "case " + number + " of seed " + seed + ": " + complaint
                                + "\nreplay: -Dtest=FuzzRegressionTest -Dsluice.fuzz.replay=" + file.toAbsolutePath()
                                + "\nkeep it under src/test/resources/fuzz/regressions",
                        smallest,
                        true);
            }
        }
        return new Failure(
                range + "\nno case alone does it; replay: -Dtest=FuzzTest -Dsluice.test.seed=" + seed
                        + " -Dsluice.fuzz.first=" + from + " -Dsluice.fuzz.cases=" + (to - from),
                new FuzzCase(List.of()),
                false);
    }

    private boolean fails(FuzzCase one) {
        try {
            return runAlone(one).isPresent();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
