package io.sluice.integration.bench;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.Programs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Debian's tgt on plain files, or on its store that keeps nothing.
 *
 * @param backing tgt's name of the kind of store
 */
record TgtPeer(String name, String backing) implements Peer {
    static TgtPeer onFiles() {
        return new TgtPeer("tgt-file", "rdwr");
    }

    static TgtPeer onNothing() {
        return new TgtPeer("tgt-null", "null");
    }

    @Override
    public String describe() {
        return keepsData() ? "tgt on a raw file" : "tgt on its null store";
    }

    @Override
    public boolean keepsData() {
        return backing.equals("rdwr");
    }

    @Override
    public boolean usesStore() {
        return false;
    }

    @Override
    public RunningPeer start(Place place, Demand demand) throws IOException, InterruptedException {
        Files.createDirectories(place.directory());
        List<Path> stores = new ArrayList<>();
        for (int lun = 0; lun < demand.luns(); lun++) {
            Path file = place.directory().resolve("lun" + lun + ".img");
            try (RandomAccessFile store = new RandomAccessFile(file.toFile(), "rw")) {
                store.setLength(demand.lunBytes());
            }
            stores.add(file);
        }
        return place.cleanup().add(new Running(Daemon.start(place, backing, stores)));
    }

    /**
     * A tgtd of our own: its port and its control socket are its alone.
     *
     * @param process in the foreground
     * @param control number of its control socket
     */
    record Daemon(Process process, int port, int control, int luns) implements AutoCloseable {
        private static final String TARGET = "iqn.2026-11.io.sluice.bench:tgt";
        private static final int CONTROL_FIRST = 10_000;
        private static final int ATTEMPTS = 100;

        static Daemon start(Place place, String backing, List<Path> stores) throws IOException, InterruptedException {
            int port = ConfigurationFiles.freePort();
            // The port is ours for now, so the number is, too; 1 to 32767 are possible.
            int control = CONTROL_FIRST + port % CONTROL_FIRST;
            Process process = new ProcessBuilder(
                            Programs.find("tgtd").toString(),
                            "-f",
                            "-C",
                            String.valueOf(control),
                            "--iscsi",
                            "portal=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(place.directory().resolve("tgtd.log").toFile())
                    .start();
            Daemon daemon = place.cleanup().add(new Daemon(process, port, control, stores.size()));
            daemon.awaitAnswer();
            daemon.admin("--op", "new", "--mode", "target", "--tid", "1", "-T", TARGET);
            for (int lun = 0; lun < stores.size(); lun++) {
                String number = String.valueOf(lun + 1);
                String path = stores.get(lun).toString();
                daemon.admin(
                        "--op",
                        "new",
                        "--mode",
                        "logicalunit",
                        "--tid",
                        "1",
                        "--lun",
                        number,
                        "-b",
                        path,
                        "--bstype",
                        backing);
            }
            daemon.admin("--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL");
            return daemon;
        }

        List<String> urls() {
            return IntStream.rangeClosed(1, luns)
                    .mapToObj(lun -> "iscsi://127.0.0.1:" + port + "/" + TARGET + "/" + lun)
                    .toList();
        }

        private void awaitAnswer() throws InterruptedException {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                if (tgtadm("--op", "show", "--mode", "target").exitStatus() == 0) {
                    return;
                }
                Thread.sleep(50);
            }
            throw new IllegalStateException("tgtd does not answer");
        }

        private void admin(String... arguments) throws InterruptedException {
            tgtadm(arguments).expect(0);
        }

        private Programs.Outcome tgtadm(String... arguments) throws InterruptedException {
            List<String> all = new ArrayList<>(List.of("-C", String.valueOf(control), "--lld", "iscsi"));
            all.addAll(List.of(arguments));
            return Programs.run(Programs.SHORT, "tgtadm", all.toArray(String[]::new));
        }

        /** It does not end by SIGTERM while it has targets; it leaves its socket behind. */
        @Override
        public void close() throws IOException {
            try {
                process.destroyForcibly().waitFor();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            for (String name : new String[] {"socket." + control, "socket." + control + ".lock"}) {
                Files.deleteIfExists(Path.of("/var/run/tgtd", name));
            }
        }
    }

    private record Running(Daemon daemon) implements LocalRunningPeer {
        @Override
        public List<String> urls() {
            return daemon.urls();
        }

        @Override
        public List<Long> pids() {
            return List.of(daemon.process.pid());
        }

        @Override
        public void settle() throws InterruptedException {
            // What tgt wrote lies in the page cache: another peer must not pay for bringing it to the disk.
            Programs.run(Programs.SHORT, "sync");
        }
    }
}
