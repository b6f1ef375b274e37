package io.sluice.target.cli;

import io.sluice.config.ByteSize;
import io.sluice.target.admin.AdminClient;
import io.sluice.target.admin.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice status}. */
@Command(
        name = "status",
        description = "Shows sessions, queues, cache fill and what is not in the bucket yet, of the running server.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Option(names = "--json", description = "Answer as JSON, with every figure.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Map<String, Object> status =
                AdminClient.ask(configuration.load(spec).server().adminSocket(), "status");
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.pretty(status));
            return ExitStatus.OK;
        }
        Table luns = new Table(
                "TARGET", "LUN", "VOLUME", "STATE", "SIZE", "NOT IN BUCKET", "OLDEST", "JOURNAL", "READ CACHE");
        for (Map<?, ?> lun : rows(status, "luns")) {
            luns.row(
                    lun.get("target"),
                    lun.get("lun"),
                    lun.get("volume"),
                    lun.get("state"),
                    size(lun.get("sizeBytes")),
                    size(lun.get("dirtyBytes")),
                    age(lun.get("dirtyAgeMillis")),
                    part(lun.get("journalUsedBytes"), lun.get("journalCapacityBytes")),
                    part(lun.get("cacheUsedBytes"), lun.get("cacheCapacityBytes")));
        }
        luns.print(out);
        tellFailures(rows(status, "luns"), out);
        out.println();
        Table sessions = new Table("INITIATOR", "TARGET", "ADDRESS", "IN FLIGHT", "RECEIVED", "SENT");
        for (Map<?, ?> session : rows(status, "sessions")) {
            sessions.row(
                    session.get("initiator"),
                    session.get("target"),
                    session.get("address"),
                    session.get("commandsInFlight"),
                    size(session.get("bytesReceived")),
                    size(session.get("bytesSent")));
        }
        sessions.print(out);
        return ExitStatus.OK;
    }

    private static void tellFailures(List<Map<?, ?>> luns, PrintWriter out) {
        for (Map<?, ?> lun : luns) {
            if (lun.get("failure") instanceof String why) {
                out.println("volume " + lun.get("volume") + " is not served: " + why);
            }
        }
    }

    private static List<Map<?, ?>> rows(Map<String, Object> status, String key) {
        if (!(status.get(key) instanceof List<?> list)) {
            return List.of();
        }
        return list.stream().<Map<?, ?>>map(row -> (Map<?, ?>) row).toList();
    }

    /** Rounded down to three digits or so, for people. */
    private static String size(@org.jspecify.annotations.Nullable Object bytes) {
        if (!(bytes instanceof Number number)) {
            return "-";
        }
        long value = number.longValue();
        int shift = 0;
        while (shift < 40 && value >> (shift + 10) >= 10) {
            shift += 10;
        }
        return new ByteSize((value >> shift) << shift).toString();
    }

    private static String age(@org.jspecify.annotations.Nullable Object millis) {
        return millis instanceof Number number && number.longValue() > 0 ? number.longValue() / 1000.0 + " s" : "-";
    }

    private static String part(
            @org.jspecify.annotations.Nullable Object used, @org.jspecify.annotations.Nullable Object whole) {
        if (used instanceof Number part && whole instanceof Number all && all.longValue() > 0) {
            return part.longValue() * 100 / all.longValue() + " % of " + size(whole);
        }
        return "-";
    }
}
