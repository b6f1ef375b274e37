package io.sluice.target.cli;

import io.sluice.storage.recovery.OperatorWord;
import io.sluice.storage.recovery.RollbackReport;
import io.sluice.storage.recovery.VolumeOpener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code sluice volume accept-rollback}. */
@Command(
        name = "accept-rollback",
        description = {
            "Allows the next opening to go on with a bucket that is older than this cache directory has seen it.",
            "Tells what is there and what was seen, and asks. Good once, for exactly the state that is there now."
        },
        mixinStandardHelpOptions = true)
final class AcceptRollbackCommand extends OperatorWordCommand {
    AcceptRollbackCommand() {
        super(OperatorWord.Kind.ACCEPT_ROLLBACK, "accept the older state of");
    }

    @Override
    Optional<Report> report(VolumeOpener.Obstacles obstacles) {
        return obstacles.rollback().map(AcceptRollbackCommand::report);
    }

    private static Report report(RollbackReport rollback) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("foundManifest", rollback.foundManifest());
        figures.put("foundEpoch", rollback.foundEpoch());
        figures.put("foundMillis", rollback.foundMillis());
        figures.put("foundSegment", rollback.foundSegment());
        figures.put("seenManifest", rollback.known().manifestNumber());
        figures.put("seenEpoch", rollback.known().epoch());
        figures.put("seenSegment", rollback.known().segment());
        return new Report(List.of(rollback.whatIsThere() + ".", rollback.whatIsLost() + "."), figures);
    }
}
