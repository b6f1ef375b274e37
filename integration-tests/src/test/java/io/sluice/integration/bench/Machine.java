package io.sluice.integration.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** What the figures were taken on. */
final class Machine {
    private Machine() {}

    static Map<String, String> describe() throws IOException {
        Map<String, String> facts = new TreeMap<>();
        facts.put("begun", Instant.now().toString());
        facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put(
                "kernel",
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        facts.put("java", System.getProperty("java.runtime.version", "?"));
        facts.put("load average at the beginning", ProcFiles.loadAverage());
        return facts;
    }
}
