package io.sluice.integration.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs fio with the libiscsi engine that integration-tests/bench has built. Not thread-safe.
 *
 * @param program the executable
 * @param directory for job files and outputs; the newest replace the ones before
 * @param cleanup ends fio when the run is interrupted
 */
record FioProgram(Path program, Path directory, Cleanup cleanup) implements LoadGenerator {
    private static final int LIMIT_MINUTES = 20;

    @Override
    public Run run(Load load, List<String> urls, FioJob.Extent extent) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        deleteLogs();
        Path job = directory.resolve("job.fio");
        Path output = directory.resolve("fio.json");
        Path words = directory.resolve("fio.log");
        Files.write(job, new FioJob(load, urls, extent, directory.resolve("series")).lines());
        double before = ProcFiles.endedChildrenCpuSeconds();
        Process fio = new ProcessBuilder(
                        program.toString(),
                        "--output-format=json+",
                        "--output=" + output,
                        "--eta=never",
                        job.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(words.toFile())
                .start();
        AutoCloseable ending = cleanup.add((AutoCloseable) () -> Cleanup.end(fio));
        boolean ended = fio.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        cleanup.close(ending);
        if (!ended || fio.exitValue() != 0) {
            throw new IOException("fio " + (ended ? "ended with " + fio.exitValue() : "takes too long") + ": "
                    + Files.readString(words));
        }
        double used = ProcFiles.endedChildrenCpuSeconds() - before;
        return new Run(FioOutput.parse(Files.readString(output), seriesLines()), used);
    }

    private List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("series"))
                    .toList();
        }
    }

    private void deleteLogs() throws IOException {
        for (Path log : logs()) {
            Files.delete(log);
        }
    }

    private List<String> seriesLines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path log : logs()) {
            lines.addAll(Files.readAllLines(log));
        }
        return lines;
    }
}
