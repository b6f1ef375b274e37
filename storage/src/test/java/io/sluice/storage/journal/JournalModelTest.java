package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random work and random crashes against a model. A failure names the seed. */
final class JournalModelTest {
    /** More with -Dsluice.test.rounds=1000. */
    private static final int ROUNDS = Integer.getInteger("sluice.test.rounds", 25);

    /** One run of a model. */
    @FunctionalInterface
    private interface Run {
        void with(JournalModel model, Random random) throws IOException;
    }

    private static void forManySeeds(boolean encrypted, Run run) {
        for (long seed = 1; seed <= ROUNDS; seed++) {
            Random random = new Random(seed);
            try {
                run.with(new JournalModel(seed, encrypted, files(random), 6 + random.nextInt(40)), random);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", encrypted " + encrypted + ": " + e.getMessage(), e);
            }
        }
    }

    /** Few, or so many that several are prepared ahead. */
    private static int files(Random random) {
        return random.nextBoolean() ? 4 + random.nextInt(3) : 12 + random.nextInt(12);
    }

    private static void work(JournalModel model, int steps) throws IOException {
        for (int i = 0; i < steps; i++) {
            model.step();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void findsWhatWasAcknowledgedAfterProcessDeaths(boolean encrypted) {
        forManySeeds(encrypted, (model, random) -> {
            for (int life = 0; life < 5; life++) {
                work(model, random.nextInt(300));
                model.crashProcess();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void findsWhatWasSyncedAndAlwaysAPrefixAfterPowerLosses(boolean encrypted) {
        forManySeeds(encrypted, (model, random) -> {
            for (int life = 0; life < 5; life++) {
                work(model, random.nextInt(300));
                model.crashMachine();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void crashesDuringRecoveryHarmNothing(boolean encrypted) {
        forManySeeds(encrypted, (model, random) -> {
            for (int life = 0; life < 4; life++) {
                work(model, random.nextInt(200));
                for (int attempt = random.nextInt(3); attempt > 0; attempt--) {
                    model.crashMachineWhileOpening();
                }
                if (random.nextBoolean()) {
                    model.crashMachine();
                } else {
                    model.crashProcess();
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void filesServeAgainForManyRounds(boolean encrypted) throws IOException {
        JournalModel model = new JournalModel(7, encrypted, 4, 8);
        work(model, 20_000);
        assertTrue(
                model.disk().list().size() <= 6,
                () -> "files: " + model.journal().usedBytes());
        model.crashProcess();
        work(model, 1000);
        model.crashMachine();
    }
}
