package io.sluice.storage.simulation;

import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.MappedRun;
import io.sluice.storage.volume.VolumePort;
import java.util.List;

/** Asks which parts of a range are mapped: runs without gaps that alternate, and what is deallocated may read as zeros. */
final class MappingCheck {
    private final int from;
    private final int count;
    private final int runsMax;
    private List<MappedRun> runs = List.of();

    MappingCheck(int from, int count, int runsMax) {
        this.from = from;
        this.count = count;
        this.runsMax = runsMax;
    }

    void start(VolumePort port, IoCompletion done) {
        port.mapping((long) from * Sectors.BYTES, (long) count * Sectors.BYTES, runsMax, (found, failure) -> {
            runs = found;
            done.complete(failure);
        });
    }

    void verify(ModelVolume model, long beganAt) {
        SimulationFailure.unless(!runs.isEmpty() && runs.size() <= runsMax, runs.size() + " runs of a mapping");
        long next = (long) from * Sectors.BYTES;
        for (int i = 0; i < runs.size(); i++) {
            MappedRun run = runs.get(i);
            SimulationFailure.unless(
                    run.offsetBytes() == next
                            && run.lengthBytes() > 0
                            && (i == 0 || run.mapped() != runs.get(i - 1).mapped()),
                    "runs of a mapping have gaps or do not alternate: " + runs);
            next += run.lengthBytes();
            if (!run.mapped()) {
                int sector = (int) (run.offsetBytes() / Sectors.BYTES);
                String wrong = model.mayRead(new long[(int) (run.lengthBytes() / Sectors.BYTES)], sector, beganAt);
                SimulationFailure.unless(wrong == null, "told as deallocated: " + wrong);
            }
        }
        SimulationFailure.unless(next <= (long) (from + count) * Sectors.BYTES, "a mapping tells more than asked");
    }
}
