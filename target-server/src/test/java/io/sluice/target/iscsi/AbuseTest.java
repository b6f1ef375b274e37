package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What one initiator can make the server keep or do for it is bounded. */
final class AbuseTest {
    @Test
    void aCommandAheadOfItsTurnIsKeptOnceHoweverOftenItComes() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            WirePdu first = initiator.read(0, 1);
            WirePdu second = initiator.read(1, 1);
            for (int i = 0; i < 2000; i++) {
                initiator.send(second);
            }
            initiator.send(first);
            assertEquals(first.tag(), initiator.receive().tag());
            assertEquals(second.tag(), initiator.receive().tag());
            initiator.socket().setSoTimeout(200);
            assertThrows(SocketTimeoutException.class, initiator::receive);
            initiator.socket().setSoTimeout(5000);
            assertEquals(0, initiator.exchange(initiator.read(2, 1)).status());
        }
    }

    @Test
    void requestsThatWaitForACommandThatDoesNotComeEndTheConnectionAtSomePoint() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            assertTrue(endsWhileSending(initiator, 200) || initiator.isClosedByTarget());
        }
    }

    /** True when the target lets go before the last of {@code count} requests is sent. */
    private static boolean endsWhileSending(TestInitiator initiator, int count) throws IOException {
        int ahead = initiator.commandNumber() + 5;
        for (int i = 0; i < count; i++) {
            try {
                initiator.send(initiator.manage(2, -1, 0).putInt(24, ahead));
            } catch (SocketException gone) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aTextRequestFullOfTheSameQuestionIsAnsweredOnceAndQuickly() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("MaxRecvDataSegmentLength", "262144")) {
            byte[] text = "SendTargets=All\0".repeat(1900).getBytes(StandardCharsets.UTF_8);
            long begin = System.nanoTime();
            WirePdu answer = initiator.exchange(initiator.text(0x80, -1, text));
            Duration time = Duration.ofNanos(System.nanoTime() - begin);
            String all = new String(answer.data(), StandardCharsets.UTF_8);
            assertEquals(2, all.split("TargetName=", -1).length, "one name");
            assertEquals(1900, all.split("SendTargets=Reject", -1).length, "the others");
            assertTrue(time.toSeconds() < 5, time.toString());
        }
    }
}
