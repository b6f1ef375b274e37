package io.sluice.storage.simulation;

import io.sluice.storage.runtime.SuppressForbidden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Many seeds, one after another on each of two threads: every simulation has but one, and shares nothing with others. */
@SuppressForbidden("threads and time outside of the simulations")
final class SimulationCampaign {
    private static final Path FOLDER = Path.of("target", "simulation");
    private static final int THREADS = 2;

    private final Supplier<Sabotage> sabotage;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong operations = new AtomicLong();
    private final AtomicLong faults = new AtomicLong();
    private @Nullable Failure first;

    /** A seed that failed. */
    record Failure(long seed, Throwable cause, List<String> lastSteps) {
        String explain() {
            return "seed " + seed + " failed: " + cause + "\nIts last steps:\n  " + String.join("\n  ", lastSteps)
                    + "\nAgain, with all steps in storage/target/simulation:\n  mvn -pl config,storage test"
                    + " -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.simulation.seeds="
                    + seed + "-" + seed;
        }
    }

    /** Each simulation gets a sabotage of its own. */
    SimulationCampaign(Supplier<Sabotage> sabotage) {
        this.sabotage = sabotage;
    }

    /** Runs {@code from} to {@code to}, as far as {@code time} allows; the failure of the lowest seed that was tried, if any. */
    Optional<Failure> run(long from, long to, Duration time) throws InterruptedException {
        next.set(from);
        long end = System.nanoTime() + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> work(to, end), "simulation-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return Optional.ofNullable(first);
    }

    /** "120 seeds, 5000 operations, 300 faults of the bucket". */
    String summary() {
        return done + " seeds, " + operations + " operations of hosts, " + faults + " faults on the way to the bucket";
    }

    long done() {
        return done.get();
    }

    private void work(long to, long endNanos) {
        while (isGoingOn() && System.nanoTime() - endNanos < 0) {
            long seed = next.getAndIncrement();
            if (seed > to) {
                return;
            }
            runOne(seed);
        }
    }

    private synchronized boolean isGoingOn() {
        return first == null;
    }

    private void runOne(long seed) {
        Simulation simulation = new Simulation(Setup.of(seed), sabotage.get());
        try {
            Simulation.Outcome outcome = simulation.run();
            operations.addAndGet(outcome.operations());
            faults.addAndGet(outcome.faults());
        } catch (IOException | RuntimeException | Error failure) {
            note(new Failure(seed, failure, simulation.trace().last()));
        }
        done.incrementAndGet();
    }

    private synchronized void note(Failure failure) {
        Failure before = first;
        if (before == null || failure.seed() < before.seed()) {
            first = failure;
        }
    }

    /** Runs one seed and writes every step it takes into a file. */
    static void writeTrace(long seed) throws IOException {
        Files.createDirectories(FOLDER);
        Simulation simulation = new Simulation(Setup.of(seed), Sabotage.NONE);
        try (var file = Files.newBufferedWriter(FOLDER.resolve("seed-" + seed + ".txt"), StandardCharsets.UTF_8)) {
            simulation.trace().writeTo(line -> {
                try {
                    file.write(line);
                    file.newLine();
                } catch (IOException failure) {
                    throw new java.io.UncheckedIOException(failure);
                }
            });
            simulation.run();
        }
    }
}
