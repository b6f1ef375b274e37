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

    /**
     * Waits until the kernel has written everything to the disks: what one peer has left to write is not to be the burden of
     * the next, nor what it wrote in one round its own in the next.
     */
    static void writeBackFiles() throws IOException, InterruptedException {
        int status = new ProcessBuilder("sync").inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException("sync ended with status " + status);
        }
    }
}
