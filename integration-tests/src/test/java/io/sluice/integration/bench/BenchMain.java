package io.sluice.integration.bench;

import io.sluice.config.ByteSize;
import io.sluice.integration.S3ProxyServer;
import io.sluice.integration.Trees;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command behind integration-tests/bench. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Runs Sluice and its peers under the same load, in alternation.")
final class BenchMain implements Callable<Integer> {
    private static final int QUICK_SECONDS = 2;
    private static final int QUICK_STARTS = 3;
    private static final int STARTS = 10;

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "NAME",
            description = "Only these; a * stands for anything.")
    private List<String> workloads = List.of("*");

    @Option(names = "--peer", split = ",", paramLabel = "NAME", description = "Only these; a * stands for anything.")
    private List<String> peers = List.of("*");

    @Option(names = "--rounds", description = "Of every workload (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(names = "--seconds", description = "Of one run (default: ${DEFAULT-VALUE}).")
    private int seconds = 5;

    @Option(names = "--size", description = "Of a LUN: 1 GiB, 512 MiB (default: ${DEFAULT-VALUE}).")
    private String size = "1 GiB";

    @Option(names = "--quick", description = "A minute: two workloads, local peers, two rounds of two seconds.")
    private boolean isQuick;

    @Option(
            names = "--without-machine",
            description = "Only the workloads: no limits of the machine, start and memory.")
    private boolean isWithoutMachine;

    @Option(names = "--list", description = "Tell the names of workloads and peers, and do nothing.")
    private boolean isList;

    @Option(names = "--json", paramLabel = "FILE", description = "Everything that was measured.")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "A page with tables and plots.")
    private @Nullable Path html;

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private BenchMain() {}

    /** Ends with an exception when something cannot be measured; whether targets are reached is told, not judged. */
    public static void main(String[] arguments) {
        int status = new CommandLine(new BenchMain()).execute(arguments);
        if (status != 0) {
            throw new IllegalStateException("the benchmark ended with status " + status);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException, GeneralSecurityException {
        if (isList) {
            list();
            return 0;
        }
        if (isQuick) {
            workloads = List.of("read-4k-q32", "write-4k-q32");
            peers = List.of("sluice", "sluice-idle-flush", "tgt-*");
            rounds = 2;
            seconds = QUICK_SECONDS;
            size = "256 MiB";
        }
        Path directory = Path.of(System.getProperty("sluice.bench.directory", "target/bench/work"))
                .toAbsolutePath();
        try (Cleanup cleanup = Cleanup.withSignals()) {
            // Closed last: nobody writes there any more.
            cleanup.add((AutoCloseable) () -> Trees.delete(directory));
            report(measure(directory, cleanup));
        }
        return 0;
    }

    private Results measure(Path directory, Cleanup cleanup)
            throws IOException, InterruptedException, GeneralSecurityException {
        Files.createDirectories(directory);
        S3ProxyServer store = cleanup.add(S3ProxyServer.start(directory.resolve("s3")));
        FioProgram fio = new FioProgram(
                Path.of(System.getProperty("sluice.bench.fio", "fio")), directory.resolve("fio"), cleanup);
        Bench.Plan plan = new Bench.Plan(
                Workloads.all().stream()
                        .filter(w -> matches(w.name(), workloads))
                        .toList(),
                Peers.all().stream().filter(p -> matches(p.name(), peers)).toList(),
                ByteSize.parse(size).bytes(),
                seconds,
                rounds,
                directory.resolve("peers"));
        Map<String, String> machine = new TreeMap<>(Machine.describe());
        machine.put("settings", rounds + " rounds of " + seconds + " s, LUNs of " + size);
        Map<String, Double> limits = isWithoutMachine ? Map.of() : limits(store, fio, directory);
        plan.peers()
                .forEach(peer -> peer.hindrance().ifPresent(why -> out.println(peer.name() + " cannot run: " + why)));
        return new Results(machine, limits, new Bench(plan, store, fio, cleanup, out::println).run());
    }

    private Map<String, Double> limits(S3ProxyServer store, FioProgram fio, Path directory)
            throws IOException, InterruptedException, GeneralSecurityException {
        out.println("measuring the machine and the start of the server");
        Map<String, Double> limits = new TreeMap<>(MachineLimits.measure(directory));
        limits.putAll(StartTime.measure(store, directory.resolve("start"), isQuick ? QUICK_STARTS : STARTS));
        out.println("measuring the memory of a server that has little");
        limits.putAll(BoundedMemory.measure(store, fio, directory.resolve("memory"), seconds));
        limits.putAll(StoreLimit.measure(store, seconds));
        return limits;
    }

    private void report(Results results) throws IOException {
        TextReport.lines(results).forEach(out::println);
        Path jsonFile = json;
        if (jsonFile != null) {
            Files.writeString(jsonFile, JsonReport.text(results));
        }
        Path htmlFile = html;
        if (htmlFile != null) {
            Files.writeString(htmlFile, HtmlReport.text(results));
        }
    }

    private void list() {
        out.println("Workloads, with the peers that are measured:");
        Workloads.all().forEach(w -> out.println("  " + w.name() + "  " + new java.util.TreeSet<>(w.peers())));
        out.println("Peers:");
        Peers.all().forEach(p -> out.println("  " + p.name() + "  " + p.describe()));
    }

    private static boolean matches(String name, List<String> patterns) {
        return patterns.stream()
                .anyMatch(pattern ->
                        name.matches(pattern.strip().replace(".", "\\.").replace("*", ".*")));
    }
}
