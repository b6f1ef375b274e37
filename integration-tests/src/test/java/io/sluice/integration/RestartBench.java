package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.NioLocalDisk;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.engine.VolumeEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.RequestMeters;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.VolumePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * How long opening a volume takes: after a clean stop, after kill -9, from the bucket alone. Run by {@code
 * integration-tests/restart-bench}, never with the tests: it prints figures and judges none. Each opening happens in a new
 * JVM, in which hardly anything is compiled or loaded; what is said to be dropped from the page cache is, the rest is as it is.
 */
final class RestartBench {
    private static final int WRITE_BYTES = 1 << 20;
    private static final int WRITES_AT_ONCE = 32;
    /** As file systems do, every few seconds. */
    private static final long FLUSH_EVERY_BYTES = 256L << 20;

    private static final int SERVER_STARTS = 3;
    private static final String RESULT = "RESULT ";

    /** The order of the words on the command line of a child process. */
    private record Task(String mode, Path directory, String volume, long sizeBytes, long firstByte, long bytes) {
        static Task of(String... words) {
            return new Task(
                    words[0],
                    Path.of(words[1]),
                    words[2],
                    Long.parseLong(words[3]),
                    Long.parseLong(words[4]),
                    Long.parseLong(words[5]));
        }

        List<String> words() {
            return List.of(
                    mode,
                    directory.toString(),
                    volume,
                    Long.toString(sizeBytes),
                    Long.toString(firstByte),
                    Long.toString(bytes));
        }

        Task with(String newMode, long newFirst, long newBytes) {
            return new Task(newMode, directory, volume, sizeBytes, newFirst, newBytes);
        }

        Path cache() {
            return directory.resolve("cache-" + volume);
        }
    }

    @Test
    void run() throws IOException, InterruptedException {
        Path directory = Path.of(System.getProperty("sluice.bench.directory", "target/restart-bench"))
                .toAbsolutePath();
        long mebibytes = Long.getLong("sluice.bench.mebibytes", 1024);
        deleteAll(directory);
        Files.createDirectories(directory.resolve("bucket"));
        try {
            journalAndCache(directory, mebibytes << 20);
            for (long gibibytes : new long[] {1, 64, 4096}) {
                bucketAlone(directory, gibibytes << 30);
            }
            keyDerivation(directory);
            server(directory.resolve("server"));
        } finally {
            deleteAll(directory);
        }
    }

    private static void journalAndCache(Path directory, long bytes) throws IOException, InterruptedException {
        Task task = new Task("create", directory, "warm", 64L << 30, 0, 0);
        child(task);
        child(task.with("fill-and-die", 0, bytes));
        List<Path> journal = filesBelow(task.cache().resolve("journal"));
        say("the disk, read past the page cache: " + rawRead(journal));
        forgetCached(journal);
        say("kill -9 with " + bytes / (1 << 20) + " MiB in the journal: "
                + child(task.with("open-and-drain", 0, bytes)));
        forgetCached(filesBelow(task.cache()));
        say("clean stop, journal and read cache of " + bytes / (1 << 20) + " MiB each, nothing in the page cache: "
                + child(task.with("open", 0, bytes)));
        say("clean stop, the same again: " + child(task.with("open", 0, bytes)));
        say("disk: " + sizes(task.cache()));
        deleteAll(task.cache());
    }

    private static void bucketAlone(Path directory, long sizeBytes) throws IOException, InterruptedException {
        Task task = new Task("create", directory, "size-" + (sizeBytes >> 30), sizeBytes, 0, 0);
        long part = 256L << 20;
        child(task);
        child(task.with("write-and-close", 0, part));
        child(task.with("write-and-die", part, part));
        deleteAll(task.cache());
        say("bucket alone, volume of " + (sizeBytes >> 30) + " GiB, 256 MiB behind the checkpoint: "
                + child(task.with("open", 0, part)));
    }

    private static void keyDerivation(Path directory) throws IOException, InterruptedException {
        for (String name : new String[] {"plain", "encrypted"}) {
            Task task = new Task("create", directory, name, 1L << 30, 0, 0);
            child(task);
            child(task.with("write-and-close", 0, 1 << 20));
            say("clean stop, 1 MiB, " + name + ": " + child(task.with("open", 0, 1 << 20)));
        }
    }

    /** The packaged server, from the begin of its process to a host that is logged in and was told that the LUN is ready. */
    private static void server(Path directory) throws IOException, InterruptedException {
        ConfigurationFiles files = ConfigurationFiles.in(directory).fileStore().lun("disk", "size = 64 GiB");
        SluiceProcess.startWithVolumes(files).stop();
        for (String how : List.of("without a class archive", "with a class archive")) {
            if (how.startsWith("with ")) {
                SluiceProcess.archiveClasses(files);
            }
            for (int round = 0; round < SERVER_STARTS; round++) {
                say("server " + how + ", encrypted, clean stop: first login after " + startMillis(files) + " ms");
            }
        }
    }

    private static long startMillis(ConfigurationFiles files) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (SluiceProcess server = SluiceProcess.start(files)) {
            ScsiHost host = new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, 512, 1);
            long millis = (System.nanoTime() - start) / 1_000_000;
            host.close();
            server.stop();
            return millis;
        }
    }

    private static List<Path> filesBelow(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** What the disk gives, for comparison with what the replay of the same files takes. */
    private static String rawRead(List<Path> files) throws IOException, InterruptedException {
        long bytes = 0;
        long start = System.nanoTime();
        for (Path file : files) {
            bytes += Files.size(file);
            dd("if=" + file, "of=/dev/null", "bs=1M", "iflag=direct");
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return String.format(
                java.util.Locale.ROOT, "%d MiB in %.2f s, %.0f MiB/s", bytes >> 20, seconds, (bytes >> 20) / seconds);
    }

    /** Writes back what is dirty and drops the files from the page cache of the machine. */
    private static void forgetCached(List<Path> files) throws IOException, InterruptedException {
        for (Path file : files) {
            dd("of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0");
        }
    }

    private static void dd(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("dd", "status=none"));
        command.addAll(List.of(words));
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        assertTrue(status == 0, () -> command + " ended with " + status);
    }

    private static String sizes(Path cache) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> all = Files.list(cache)) {
            for (Path part : all.sorted().toList()) {
                long sum = 0;
                try (Stream<Path> files = Files.walk(part)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        sum += Files.size(file);
                    }
                }
                text.append(part.getFileName()).append(' ').append(sum >> 20).append(" MiB  ");
            }
        }
        return text.toString();
    }

    private static void say(String line) {
        out().println(line);
        out().flush();
    }

    @SuppressWarnings("SystemOut")
    private static PrintStream out() {
        return System.out;
    }

    private static void deleteAll(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    /** Runs a task in a JVM of its own; what it has to tell. */
    private static String child(Task task) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-") || argument.startsWith("-X"))
                .toList());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("-Dlogback.configurationFile=logback-integration.xml");
        command.add(RestartBench.class.getName());
        command.addAll(task.words());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String result = "";
        StringBuilder all = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                all.append(line).append('\n');
                if (line.startsWith(RESULT)) {
                    result = line.substring(RESULT.length());
                    if (task.mode().endsWith("die")) {
                        process.destroyForcibly();
                        break; // its end closes the stream
                    }
                }
            }
        }
        process.waitFor();
        assertTrue(!result.isEmpty(), () -> task + ": " + all);
        return result;
    }

    /** One task, in a process of its own. */
    public static void main(String[] words) throws Exception {
        Task task = Task.of(words);
        SystemRuntime runtime = new SystemRuntime(2);
        Volumes volumes = new Volumes(environment(runtime, task.mode().equals("fill-and-die")));
        if (task.mode().equals("create")) {
            volumes.create(settings(task), new ByteSize(task.sizeBytes()), 512).join();
            tell("created");
        } else {
            perform(task, volumes);
        }
        Runtime.getRuntime().halt(0);
    }

    private static void perform(Task task, Volumes volumes) throws Exception {
        SystemEnvironment.warmUp(); // beside reading the configuration, in the server; its start has figures of its own
        long cpuStart = processorNanos();
        long start = System.nanoTime();
        OpenedVolume opened = volumes.open(settings(task)).join();
        ExecutorService loop = Executors.newSingleThreadExecutor();
        VolumePort port = loop.submit(() -> opened.volume().openPort(loop)).get();
        long open = System.nanoTime();
        long cpuOpen = processorNanos();
        String done = "opened";
        if (task.mode().startsWith("open")) {
            one(loop, port, (on, end) -> on.write(0, ByteBuffer.allocateDirect(4096), false, end))
                    .join();
            long wrote = System.nanoTime();
            one(loop, port, (on, end) -> on.read(task.bytes() / 2, ByteBuffer.allocateDirect(4096), end))
                    .join();
            done = String.format(
                    java.util.Locale.ROOT,
                    "open %d ms (%d ms of processor time), first write %d ms later, first read %d ms later; clean %s, %d segments, %d entries replayed",
                    (open - start) / 1_000_000,
                    (cpuOpen - cpuStart) / 1_000_000,
                    (wrote - open) / 1_000_000,
                    (System.nanoTime() - wrote) / 1_000_000,
                    opened.report().wasClean(),
                    opened.report().segmentsReplayed(),
                    opened.report().journalBlocksReplayed());
        } else {
            write(task, loop, port);
        }
        if (task.mode().equals("write-and-die") || task.mode().equals("open-and-drain")) {
            opened.volume().drain().join();
        }
        if (task.mode().endsWith("die")) {
            tell(done);
            Thread.sleep(Duration.ofMinutes(1).toMillis());
        }
        loop.submit(port::close).get();
        opened.volume().close().join();
        tell(done);
    }

    /** Of all threads of this process: on a busy machine this says more than the clock. */
    private static long processorNanos() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }

    private static void tell(String result) {
        say(RESULT + result);
    }

    private static CompletableFuture<Void> one(
            ExecutorService loop, VolumePort port, BiConsumer<VolumePort, IoCompletion> operation) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            operation.accept(port, failure -> {
                if (failure == null) {
                    done.complete(null);
                } else {
                    done.completeExceptionally(new IOException(failure.toString()));
                }
            });
            port.submit();
        });
        return done;
    }

    private static void write(Task task, ExecutorService loop, VolumePort port) {
        List<CompletableFuture<Void>> underWay = new ArrayList<>();
        java.util.Random random = new java.util.Random(task.firstByte());
        byte[] data = new byte[WRITE_BYTES];
        random.nextBytes(data);
        for (long at = 0; at < task.bytes(); at += WRITE_BYTES) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(WRITE_BYTES)
                    .put(data)
                    .putLong(0, at)
                    .flip();
            long offset = task.firstByte() + at;
            underWay.add(one(loop, port, (on, end) -> on.write(offset, buffer, false, end)));
            if (underWay.size() == WRITES_AT_ONCE) {
                underWay.forEach(CompletableFuture::join);
                underWay.clear();
            }
            if ((at + WRITE_BYTES) % FLUSH_EVERY_BYTES == 0) {
                underWay.add(one(loop, port, VolumePort::flush));
            }
        }
        underWay.forEach(CompletableFuture::join);
    }

    private static VolumeSettings settings(Task task) {
        ByteSize capacity = ByteSize.ofGiB(64);
        Optional<SecretSource> passphrase =
                task.volume().equals("encrypted") ? Optional.of(new KnownPassphrase()) : Optional.empty();
        return new VolumeSettings(
                task.volume(),
                task.cache(),
                new StoreSettings.File(task.directory().resolve("bucket")),
                passphrase,
                1,
                VolumeSettings.Durability.LOCAL,
                new VolumeSettings.Journal(capacity, ByteSize.ofMiB(64), Duration.ofSeconds(20)),
                new VolumeSettings.Flush(
                        Duration.ofSeconds(5), capacity, ByteSize.ofMiB(16), 4, Duration.ofMinutes(30)),
                new VolumeSettings.ReadCache(ByteSize.ofGiB(10), ByteSize.ofMiB(8)),
                new VolumeSettings.Index(ByteSize.ofMiB(256)),
                new VolumeSettings.Checkpoint(Duration.ofHours(24), 10_000),
                new VolumeSettings.Collector(1.3, ByteSize.ofMiB(32), 100, Duration.ofMillis(200)),
                VolumeSettings.Fencing.CONDITIONAL_PUT,
                VolumeSettings.Takeover.AUTOMATIC,
                Duration.ofSeconds(20));
    }

    private record KnownPassphrase() implements SecretSource {
        @Override
        public Secret read() {
            return Secret.ofText("a passphrase of a benchmark");
        }

        @Override
        public String describe() {
            return "benchmark";
        }
    }

    /** Production's, but with {@code outage} no segment is ever taken: everything stays in the journal. */
    private static VolumeEnvironment environment(SystemRuntime runtime, boolean outage) {
        VolumeEnvironment real = SystemEnvironment.on(runtime);
        return new VolumeEnvironment(
                "host",
                runtime,
                settings -> outage
                        ? new MeteredObjectStore(
                                withoutFlushes(real.stores().open(settings)), new RequestMeters(), runtime.clock())
                        : real.stores().open(settings),
                NioLocalDisk::open,
                real.indexFiles());
    }

    private static ObjectStore withoutFlushes(ObjectStore inner) {
        return (ObjectStore) Proxy.newProxyInstance(
                RestartBench.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("put") && List.of(arguments).contains(RequestCause.FLUSH)) {
                        return new CompletableFuture<String>();
                    }
                    try {
                        return method.invoke(inner, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
    }
}
