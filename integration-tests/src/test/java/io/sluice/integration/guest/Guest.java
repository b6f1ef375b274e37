package io.sluice.integration.guest;

import io.sluice.integration.Distribution;
import io.sluice.integration.Programs;
import io.sluice.integration.Programs.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Linux machine of its own under QEMU, with open-iscsi, LVM, sanlock, multipath and fio, that runs scripts.
 *
 * <p>States: booting → running → ended. A guest that resets, panics or powers itself off has ended: QEMU does not boot it
 * again.
 *
 * <ol>
 *   <li>Nothing that it writes outlives it: its root is shared by all guests and covered by memory.
 *   <li>The loopback addresses of this machine are its own: a portal on 127.0.0.1 is reached at 127.0.0.1, through network
 *       {@link Network#LEFT}; one on 127.0.3.1 through {@link Network#RIGHT}.
 *   <li>Scripts come through a third network that reaches nothing else and is never cut.
 *   <li>The target sees all guests at 127.0.0.1; they differ by {@link #initiatorName}.
 * </ol>
 *
 * Thread-safe once it runs.
 */
final class Guest implements AutoCloseable {
    /** For a script that has no reason to take long, on a machine that has much else to do. */
    static final Duration LIMIT = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(Guest.class);
    private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);
    private static final Duration END_LIMIT = Duration.ofSeconds(30);

    /** After so long a guest that was forgotten powers itself off. */
    private static final Duration LIFE = Duration.ofMinutes(60);

    private static final int MEMORY_MIB = 448;
    private static final String READY = "guest-ready";
    private static final int AGENT_PORT = 7000;

    /** "TCP[HOST_FORWARD] descriptor address port address port ..." in the monitor's list of connections. */
    private static final Pattern FORWARD =
            Pattern.compile("HOST_FORWARD\\]\\s+\\d+\\s+127\\.0\\.0\\.1\\s+(\\d+)\\s+\\S+\\s+" + AGENT_PORT + "\\b");

    /** A way from the guest to this machine. */
    enum Network {
        /** To every loopback address but those of RIGHT. */
        LEFT("left", 2),
        /** To 127.0.3.0/24. */
        RIGHT("right", 3);

        private final String device;
        private final int number;

        Network(String device, int number) {
            this.device = device;
            this.number = number;
        }
    }

    private final String name;
    private final Path directory;
    private final Process qemu;
    private final GuestMonitor monitor;
    private int port;

    private Guest(String name, Path directory, Process qemu) {
        this.name = name;
        this.directory = directory;
        this.qemu = qemu;
        this.monitor = new GuestMonitor(qemu);
    }

    /** Boots one guest and waits until it takes scripts; its console is kept in {@code parent/guest-NAME}. */
    static Guest start(Path parent, String name) throws IOException, InterruptedException {
        return start(parent, List.of(name)).get(0);
    }

    /** Boots several guests at the same time. */
    static List<Guest> start(Path parent, List<String> names) throws IOException, InterruptedException {
        GuestImage image = GuestImage.built();
        List<Guest> guests = new ArrayList<>();
        try {
            for (String name : names) {
                guests.add(launch(image, parent.resolve("guest-" + name), name, guests.size() + 1));
            }
            for (Guest guest : guests) {
                guest.awaitReady();
            }
            return guests;
        } catch (AssertionError | IOException | InterruptedException failure) {
            guests.forEach(Guest::close);
            throw failure;
        }
    }

    private static Guest launch(GuestImage image, Path directory, String name, int number) throws IOException {
        Files.createDirectories(directory);
        List<String> command =
                new ArrayList<>(List.of(Programs.find("qemu-system-x86_64").toString(), "-name", name));
        command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-qmp", "stdio"));
        command.addAll(List.of("-machine", "pc,hpet=off", "-accel", "tcg,tb-size=128", "-cpu", "max"));
        command.addAll(List.of("-smp", "1", "-m", MEMORY_MIB + "M", "-device", "virtio-rng-pci"));
        command.addAll(List.of("-serial", "file:" + directory.resolve("console.log")));
        command.addAll(List.of("-kernel", image.kernel().toString()));
        command.addAll(List.of("-initrd", image.initramfs().toString()));
        command.addAll(List.of("-append", kernelArguments(name)));
        command.addAll(
                List.of("-drive", "file=" + image.root() + ",if=none,id=root,format=raw,readonly=on,file.locking=off"));
        command.addAll(List.of("-device", "virtio-blk-pci,drive=root"));
        for (Network network : Network.values()) {
            command.addAll(networkCard(network.device, network.number, number, ""));
        }
        // QEMU chooses the port, so that it is free.
        command.addAll(networkCard("control", 9, number, ",restrict=on,hostfwd=tcp:127.0.0.1:0-:" + AGENT_PORT));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(directory.resolve("qemu.log").toFile());
        return new Guest(name, directory, builder.start());
    }

    private static String kernelArguments(String name) {
        // no_timer_check: the kernel's own check panics when this machine is too busy to emulate ten ticks in time.
        return "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check"
                + " random.trust_cpu=on rcupdate.rcu_cpu_stall_suppress=1 guest.name=" + name + " guest.iqn="
                + initiatorName(name)
                + " guest.life=" + LIFE.toSeconds();
    }

    private static List<String> networkCard(String device, int network, int guest, String more) {
        return List.of(
                "-netdev",
                "user,id=net-" + device + ",net=10.0." + network + ".0/24" + more,
                "-device",
                String.format(
                        "virtio-net-pci,netdev=net-%s,id=%s,mac=52:54:00:00:%02x:%02x,romfile=",
                        device, device, network, guest));
    }

    private void awaitReady() throws IOException, InterruptedException {
        long startNanos = System.nanoTime();
        while (!console().contains(READY)) {
            if (!qemu.isAlive() || System.nanoTime() - startNanos > BOOT_LIMIT.toNanos()) {
                throw new AssertionError("guest " + name + " does not boot under QEMU ("
                        + (qemu.isAlive() ? "nothing for " + BOOT_LIMIT : "QEMU ended with " + qemu.exitValue())
                        + "); QEMU said:\n" + Files.readString(directory.resolve("qemu.log"))
                        + "\nconsole:\n" + console());
            }
            Thread.sleep(50);
        }
        monitor.begin();
        String connections = monitor.tell("info usernet");
        Matcher forward = FORWARD.matcher(connections);
        if (!forward.find()) {
            throw new AssertionError("QEMU forwards no port to guest " + name + ":\n" + connections);
        }
        port = Integer.parseInt(forward.group(1));
        log.info("guest {} is up", name);
    }

    /** Its iSCSI name. */
    String initiatorName() {
        return initiatorName(name);
    }

    private static String initiatorName(String name) {
        return "iqn.2026-11.io.sluice.test.guest:" + name;
    }

    /** What its kernel has written to the console. */
    String console() throws IOException {
        Path console = directory.resolve("console.log");
        return Files.exists(console) ? Files.readString(console) : "";
    }

    /** Runs a script with bash, behind {@code guest/functions}; it stops at the first command that fails. */
    Outcome run(Duration limit, String script) throws IOException, InterruptedException {
        String functions = Files.readString(GuestImage.scripts().resolve("functions"));
        GuestAgent agent = new GuestAgent(name, port);
        return agent.run(limit, "set -euo pipefail; shopt -s inherit_errexit\n" + functions + "\n" + script, script);
    }

    /** Like {@link #run}, at the same time as whatever comes next. */
    CompletableFuture<Outcome> begin(Duration limit, String script) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread runner = new Thread(
                () -> {
                    try {
                        outcome.complete(run(limit, script));
                    } catch (IOException | InterruptedException | RuntimeException | AssertionError failure) {
                        outcome.completeExceptionally(failure);
                    }
                },
                "guest-" + name);
        runner.setDaemon(true);
        runner.start();
        return outcome;
    }

    /** Runs a script, which must succeed, and returns what it wrote; {@code what} is for the log. */
    String must(String what, String script) throws IOException, InterruptedException {
        return must(what, LIMIT, script);
    }

    /** The same with another limit. */
    String must(String what, Duration limit, String script) throws IOException, InterruptedException {
        Outcome outcome = run(limit, script);
        log.info("guest {}: {}: {} ms", name, what, outcome.took().toMillis());
        if (outcome.exitStatus() != 0) {
            throw new AssertionError(what + ": " + outcome + "\n--- kernel of guest " + name + "\n"
                    + run(LIMIT, "dmesg | tail -30").out());
        }
        return outcome.out().strip();
    }

    /** Runs a script that may fail and returns its exit status. */
    int status(String what, String script) throws IOException, InterruptedException {
        Outcome outcome = run(LIMIT, script);
        log.info(
                "guest {}: {}: exit status {}, {} ms",
                name,
                what,
                outcome.exitStatus(),
                outcome.took().toMillis());
        return outcome.exitStatus();
    }

    /** Pulls the cable of a network out, or puts it in. */
    void connect(Network network, boolean connected) throws IOException, InterruptedException {
        monitor.execute("set_link", Map.of("name", network.device, "up", connected));
        log.info("guest {}: network {} is {}", name, network, connected ? "connected" : "cut");
    }

    /** Waits until it has reset or powered itself off. */
    void awaitEnd(Duration limit) throws IOException, InterruptedException {
        if (!qemu.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("guest " + name + " still runs after " + limit + ":\n" + console());
        }
        log.info("guest {} has ended", name);
    }

    /** True until it has ended. */
    boolean isRunning() {
        return qemu.isAlive();
    }

    /** Power loss: nothing is flushed, nobody is told. */
    void losePower() throws InterruptedException {
        qemu.destroyForcibly().waitFor();
        log.info("guest {} has lost power", name);
    }

    /** The same; whatever should be kept has been flushed by the test. */
    @Override
    public void close() {
        qemu.destroyForcibly();
        try {
            if (!qemu.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("QEMU of guest {} in {} does not end", name, Distribution.moduleDirectory());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
