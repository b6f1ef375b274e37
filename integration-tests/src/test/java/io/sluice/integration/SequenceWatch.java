package io.sluice.integration;

import io.sluice.target.admin.AdminClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Asks a server again and again for the sequence numbers of its volumes, until it does not answer any more. */
final class SequenceWatch implements Callable<Integer> {
    private static final int PAUSE_MILLIS = 2;

    private final Path adminSocket;
    private final Map<String, Watched> volumes;
    private volatile boolean stopping;

    /** A volume's history and where the answers go. */
    record Watched(DiskHistory history, SequenceLog log) {}

    SequenceWatch(Path adminSocket, Map<String, Watched> volumes) {
        this.adminSocket = adminSocket;
        this.volumes = Map.copyOf(volumes);
    }

    void stop() {
        stopping = true;
    }

    /** Watches; the number of answers. */
    @Override
    public Integer call() throws InterruptedException {
        int answers = 0;
        while (!stopping) {
            try {
                askOnce();
                answers++;
            } catch (IOException killed) {
                return answers;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        return answers;
    }

    private void askOnce() throws IOException {
        Map<String, Long> asked = new java.util.HashMap<>();
        volumes.forEach((name, watched) -> asked.put(name, watched.history.now()));
        Map<String, Object> status = AdminClient.ask(adminSocket, "status");
        if (!(status.get("luns") instanceof List<?> rows)) {
            throw new AssertionError("no LUNs in " + status);
        }
        for (Object row : rows) {
            if (row instanceof Map<?, ?> lun
                    && lun.get("volume") instanceof String name
                    && lun.get("lastAcknowledgedSequence") instanceof Number sequence) {
                Watched watched = volumes.get(name);
                Long before = asked.get(name);
                if (watched != null && before != null) {
                    watched.log.add(before, sequence.longValue(), watched.history.now());
                }
            }
        }
    }
}
