package io.sluice.target.fuzz;

import io.sluice.target.scsi.ScsiTarget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A server with its witnesses, the log and everything else that has to stay right while cases are run against it. */
final class FuzzBench implements AutoCloseable {
    private final LogWatch log = new LogWatch();
    private final FuzzServer server;
    private final List<Witness> witnesses = new ArrayList<>();
    private final Surroundings surroundings;
    private final CaseRunner runner;

    FuzzBench(long seed) throws IOException {
        this(seed, UnaryOperator.identity());
    }

    FuzzBench(long seed, UnaryOperator<ScsiTarget> defect) throws IOException {
        server = new FuzzServer(defect);
        witnesses.add(new Witness(server, "elsewhere", FuzzServer.QUIET, 0, Witness.Bears.NOTHING, seed + 1));
        witnesses.add(new Witness(
                server,
                "other-lun",
                FuzzServer.ATTACKED,
                GuardedTarget.WITNESS_LUN,
                Witness.Bears.COLD_RESET,
                seed + 2));
        witnesses.add(new Witness(
                server,
                "same-lun",
                FuzzServer.ATTACKED,
                GuardedTarget.SHARED_LUN,
                Witness.Bears.EVERYTHING_BUT_WRONG_DATA,
                seed + 3));
        surroundings = new Surroundings(server, witnesses.size());
        runner = new CaseRunner(server.address(), FuzzServer.COMMAND_WINDOW);
    }

    FuzzServer server() {
        return server;
    }

    /** Runs one case; what was wrong with the answers, the log or the witnesses. */
    Optional<String> run(FuzzCase one) throws IOException {
        return runner.run(one).or(log::takeComplaint).or(this::witnessComplaint);
    }

    /** The check that takes time: everything is as before and everybody goes on. */
    Optional<String> check() throws IOException, InterruptedException {
        for (Witness witness : witnesses) {
            if (!witness.awaitProgress()) {
                return witness.complaint().or(() -> Optional.of("a witness does not get on"));
            }
        }
        List<Optional<String>> result = new ArrayList<>();
        witnesses
                .get(0)
                .pauseFor(() -> witnesses
                        .get(1)
                        .pauseFor(() -> witnesses.get(2).pauseFor(() -> {
                            witnesses.forEach(Witness::ensureLoggedIn);
                            result.add(surroundings.complaint());
                        })));
        return result.get(0).or(log::takeComplaint).or(this::witnessComplaint);
    }

    /** In words, for the report of a run. */
    String summary() {
        StringBuilder text = new StringBuilder();
        text.append(runner.answers()).append(" answers checked, direct memory ");
        text.append(Surroundings.directBytes() >> 20).append(" MiB, heap ").append(Surroundings.heapBytes() >> 20);
        text.append(" MiB, cold resets ").append(server.guard().coldResets());
        for (Witness witness : witnesses) {
            text.append("; ").append(witness);
        }
        return text.toString();
    }

    private Optional<String> witnessComplaint() {
        return witnesses.stream().flatMap(one -> one.complaint().stream()).findFirst();
    }

    @Override
    public void close() throws IOException {
        try {
            for (Witness witness : witnesses) {
                witness.close();
            }
        } finally {
            server.close();
            log.close();
        }
    }
}
