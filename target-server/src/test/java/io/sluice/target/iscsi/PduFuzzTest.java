package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A seeded stream of mutated PDUs against a live server, while another session checks that its own data stays right and
 * that nothing leaks.
 */
final class PduFuzzTest {
    private static final int SESSIONS = 150;
    private static final int PDUS_PER_SESSION = 40;
    private static final int VICTIM_BLOCK = 20_000;

    @Test
    void survivesMutatedStreamsWithoutHarmToOtherSessions() throws Exception {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        byte[] precious = new byte[8192];
        random.nextBytes(precious);
        try (TestServer server = new TestServer();
                TestInitiator witness = server.connect().isid(5)) {
            witness.login(TestServer.TARGET, "ImmediateData", "Yes");
            assertEquals(
                    0, witness.exchange(witness.write(VICTIM_BLOCK, precious)).status());
            for (int i = 0; i < SESSIONS; i++) {
                attack(server, random);
                if (i % 10 == 0) {
                    witness.send(witness.read(VICTIM_BLOCK, 16));
                    assertArrayEquals(precious, witness.receiveData(8192), "seed " + seed);
                }
            }
            TestServer.await(
                    "only the witness is left, seed " + seed,
                    () -> server.server().connections() == 1);
            TestServer.await(
                    "all memory is back, seed " + seed, () -> server.server().dataBytesInUse() == 0);
            assertEquals(1, server.disk().openNexuses(), "seed " + seed);
        }
    }

    private static void attack(TestServer server, Random random) throws IOException {
        try (TestInitiator attacker = server.connect().isid(random.nextInt(3) + 100)) {
            attacker.socket().setSoTimeout(100);
            if (random.nextInt(5) > 0) {
                attacker.login(TestServer.TARGET, "InitialR2T", "No", "ImmediateData", "Yes");
            }
            for (int i = 0; i < PDUS_PER_SESSION; i++) {
                attacker.sendBytes(mutated(attacker, random));
            }
        } catch (IOException e) {
            // The target may end the connection at any time; what counts is checked by the witness.
            server.server().sessions();
        }
    }

    private static byte[] mutated(TestInitiator attacker, Random random) {
        byte[] bytes = attacker.encode(plausible(attacker, random));
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(Math.min(48, bytes.length));
            boolean address = at >= 32;
            if (!address) {
                bytes[at] = (byte) random.nextInt();
            }
        }
        if (random.nextInt(3) > 0) {
            ByteBuffer.wrap(bytes).putInt(4, bytes.length - 48);
        }
        boolean coldReset = (bytes[0] & 0x3f) == 0x02 && (bytes[1] & 0x7f) == 7;
        if (coldReset) {
            // It may end the sessions of others: that is what it is for.
            bytes[1] = (byte) 0x81;
        }
        return bytes;
    }

    private static WirePdu plausible(TestInitiator attacker, Random random) {
        byte[] data = new byte[512 * random.nextInt(4)];
        return switch (random.nextInt(8)) {
            case 0 -> attacker.read(random.nextInt(1000), random.nextInt(64));
            case 1 -> attacker.write(random.nextInt(1000), data);
            case 2 ->
                attacker.command(0x21, 4096, TestInitiator.cdb10(0x2a, random.nextInt(1000), 8))
                        .data(data);
            case 3 -> attacker.unsolicited(random.nextBoolean(), 0x100 + random.nextInt(40), 0, 0, data);
            case 4 -> attacker.manage(random.nextInt(10), 0x100 + random.nextInt(40), random.nextInt(40));
            case 5 -> attacker.ping(data);
            case 6 -> attacker.text(0x80, -1, data);
            default -> attacker.dataOut(true, 0x100 + random.nextInt(40), random.nextInt(4), 0, 0, data);
        };
    }
}
