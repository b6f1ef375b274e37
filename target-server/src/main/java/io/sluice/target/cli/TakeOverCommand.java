package io.sluice.target.cli;

import io.sluice.storage.recovery.OperatorWord;
import io.sluice.storage.recovery.TakeoverReport;
import io.sluice.storage.recovery.VolumeOpener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code sluice volume take-over}. */
@Command(
        name = "take-over",
        description = {
            "Allows the next opening to take a volume from a gateway that did not close it.",
            "Tells who had it and what may be lost, and asks. Good once, for exactly that gateway's last opening.",
            "That gateway, should it still run, is fenced by the opening and keeps its journal aside."
        },
        mixinStandardHelpOptions = true)
final class TakeOverCommand extends OperatorWordCommand {
    TakeOverCommand() {
        super(OperatorWord.Kind.TAKE_OVER, "take over");
    }

    @Override
    Optional<Report> report(VolumeOpener.Obstacles obstacles) {
        return obstacles.takeover().map(TakeOverCommand::report);
    }

    private static Report report(TakeoverReport takeover) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("epoch", takeover.epoch());
        figures.put("owner", takeover.owner().toString());
        figures.put("gateway", takeover.gateway());
        figures.put("openedMillis", takeover.openedMillis());
        figures.put("manifestMillis", takeover.manifestMillis());
        figures.put("bucketSequence", takeover.bucketSequence());
        figures.put("bucketTimeMillis", takeover.bucketTimeMillis());
        return new Report(
                List.of(takeover.whoHadIt() + ".", takeover.whatIsThere() + ".", takeover.whatMayBeLost() + "."),
                figures);
    }
}
