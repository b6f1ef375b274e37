package io.sluice.target.iscsi.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.EngineClock;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jscsi.parser.login.LoginStatus;
import org.junit.jupiter.api.Test;

/** Who guesses waits. */
final class LoginLedgerTest {
    private final HandClock clock = new HandClock();
    private final LoginLedger ledger = new LoginLedger(clock);

    private static InetAddress address(String text) throws Exception {
        return InetAddress.getByName(text);
    }

    private Duration wrong(String address, String name) throws Exception {
        return ledger.judged(address(address), name, false);
    }

    private Duration right(String address, String name) throws Exception {
        return ledger.judged(address(address), name, true);
    }

    @Test
    void theFirstMistakesCostNothingThenTheWaitDoublesUpToItsBound() throws Exception {
        for (int i = 0; i < LoginLedger.FAILURES_WITHOUT_WAIT; i++) {
            assertEquals(Duration.ZERO, wrong("192.0.2.1", "iqn.a:" + i));
        }
        assertEquals(Duration.ofMillis(250), wrong("192.0.2.1", "iqn.a:x"));
        assertEquals(Duration.ofMillis(500), wrong("192.0.2.1", "iqn.a:y"));
        for (int i = 0; i < 100; i++) {
            wrong("192.0.2.1", "iqn.a:z" + i);
        }
        assertEquals(LoginLedger.ADDRESS_WAIT_MAX, wrong("192.0.2.1", "iqn.a:last"));
    }

    @Test
    void aRightProofWaitsAsLongAsAWrongOne() throws Exception {
        for (int i = 0; i < 100; i++) {
            wrong("192.0.2.1", "iqn.a:x");
        }
        assertEquals(LoginLedger.ADDRESS_WAIT_MAX, right("192.0.2.1", "iqn.a:x"));
    }

    @Test
    void aNameThatOthersAbuseCostsItsOwnerLittle() throws Exception {
        for (int i = 0; i < 100; i++) {
            wrong("192.0.2." + i, "iqn.a:victim");
        }
        assertEquals(LoginLedger.NAME_WAIT_MAX, right("203.0.113.7", "iqn.a:victim"));
        assertEquals(Duration.ZERO, right("203.0.113.7", "iqn.a:other"));
    }

    @Test
    void timeForgives() throws Exception {
        for (int i = 0; i < 100; i++) {
            wrong("192.0.2.1", "iqn.a:x");
        }
        clock.nanos += Duration.ofSeconds(61).toNanos();
        assertEquals(Duration.ofMillis(250), right("192.0.2.1", "iqn.a:x"));
        clock.nanos += Duration.ofSeconds(5).toNanos();
        assertEquals(Duration.ZERO, right("192.0.2.1", "iqn.a:x"));
    }

    @Test
    void ahostThatChangesItsIpv6AddressStaysTheSameHost() throws Exception {
        for (int i = 0; i < 100; i++) {
            wrong("2001:db8::" + Integer.toHexString(i + 1), "iqn.a:" + i);
        }
        assertEquals(LoginLedger.ADDRESS_WAIT_MAX, right("2001:db8::ffff", "iqn.a:x"));
        assertEquals(Duration.ZERO, right("2001:db8:0:1::1", "iqn.a:x"));
    }

    @Test
    void remembersABoundedNumberAndForgetsTheOldestFirst() throws Exception {
        for (int i = 0; i < 10; i++) {
            wrong("192.0.2.1", "iqn.a:old");
        }
        for (int i = 0; i < LoginLedger.ENTRIES_MAX; i++) {
            wrong("10." + (i >> 16) + "." + ((i >> 8) & 255) + "." + (i & 255), "iqn.b:" + i);
        }
        assertEquals(Duration.ZERO, right("192.0.2.1", "iqn.a:old"));
    }

    @Test
    void countsHowLoginsEnded() {
        ledger.succeeded();
        ledger.refused(LoginStatus.AUTHENTICATION_FAILURE);
        ledger.refused(LoginStatus.AUTHENTICATION_FAILURE);
        ledger.refused(LoginStatus.SESSION_DOSE_NOT_EXIST);
        assertEquals(1, ledger.logins());
        assertEquals(Map.of("0201 authentication failure", 2L, "020a session does not exist", 1L), ledger.refusals());
        assertTrue(ledger.refusals().size() <= LoginStatus.values().length);
    }

    /** Moved by hand. */
    private static final class HandClock implements EngineClock {
        private long nanos = 1_000_000_000_000L;

        @Override
        public long monotonicNanos() {
            return nanos;
        }

        @Override
        public Instant wallTime() {
            return Instant.ofEpochSecond(0, nanos);
        }
    }
}
