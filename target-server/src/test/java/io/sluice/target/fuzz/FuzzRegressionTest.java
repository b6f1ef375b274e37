package io.sluice.target.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cases that once failed, and the one named by {@code sluice.fuzz.replay}. */
final class FuzzRegressionTest {
    @ParameterizedTest
    @MethodSource("files")
    void whatOnceFailedDoesNotFailAgain(Path file) throws IOException, InterruptedException {
        FuzzCase kept = FuzzCase.read(file);
        assertTrue(!kept.actions().isEmpty(), "nothing in " + file);
        try (FuzzBench bench = new FuzzBench(1)) {
            assertEquals(Optional.empty(), bench.run(kept), file.toString());
            assertEquals(Optional.empty(), bench.check(), file.toString());
        }
    }

    @Test
    void aCaseIsTheSameAfterItWasWrittenAndRead() throws IOException {
        FuzzCase made = new FuzzCase(List.of(
                new FuzzCase.Action(FuzzCase.Kind.CONNECT, 3, 0),
                new FuzzCase.Action(FuzzCase.Kind.SEND, 3, 1, new byte[] {1, (byte) 0xff}),
                new FuzzCase.Action(FuzzCase.Kind.RESET, 3, 0)));
        Path file = Files.createTempFile("sluice", ".fuzz");
        made.write(file, "two\nlines");
        assertEquals(made.toString(), FuzzCase.read(file).toString());
        Files.delete(file);
    }

    static Stream<Path> files() throws IOException, URISyntaxException {
        String replay = System.getProperty("sluice.fuzz.replay");
        if (replay != null) {
            return Stream.of(Path.of(replay));
        }
        Path folder = Path.of(Objects.requireNonNull(FuzzRegressionTest.class.getResource("/fuzz/regressions"))
                .toURI());
        try (Stream<Path> kept = Files.list(folder)) {
            return kept.sorted().toList().stream();
        }
    }
}
