package io.sluice.target.iscsi.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections are counted, and who comes beyond a limit is told so as long as few do. */
final class ConnectionLimitsTest {
    private static InetAddress host(int number) throws Exception {
        return InetAddress.getByAddress(new byte[] {10, 0, (byte) (number >> 8), (byte) number});
    }

    private static ConnectionLimits.Slot admitted(ConnectionLimits limits, int host) throws Exception {
        ConnectionLimits.Slot slot = limits.admit(host(host));
        assertNotNull(slot);
        assertNull(slot.refusal());
        return slot;
    }

    private static String refused(ConnectionLimits limits, int host) throws Exception {
        ConnectionLimits.Slot slot = limits.admit(host(host));
        assertNotNull(slot);
        try (slot) {
            return String.valueOf(slot.refusal());
        }
    }

    @Test
    void boundsThoseOfOneAddressThatHaveNotLoggedIn() throws Exception {
        ConnectionLimits limits = new ConnectionLimits(100, 100, 2);
        ConnectionLimits.Slot first = admitted(limits, 1);
        ConnectionLimits.Slot second = admitted(limits, 1);
        assertTrue(refused(limits, 1).contains("per-address"), refused(limits, 1));
        admitted(limits, 2).close();
        first.loggedIn();
        first.loggedIn();
        admitted(limits, 1).close();
        second.close();
        second.close();
        admitted(limits, 1);
        assertEquals(2, limits.connections());
    }

    @Test
    void boundsAllThatHaveNotLoggedIn() throws Exception {
        ConnectionLimits limits = new ConnectionLimits(100, 3, 100);
        ConnectionLimits.Slot first = admitted(limits, 1);
        admitted(limits, 2);
        admitted(limits, 3);
        assertTrue(refused(limits, 4).contains("connections-before-login)"), refused(limits, 4));
        first.loggedIn();
        admitted(limits, 4);
    }

    @Test
    void boundsAllConnections() throws Exception {
        ConnectionLimits limits = new ConnectionLimits(2, 100, 100);
        admitted(limits, 1).loggedIn();
        ConnectionLimits.Slot second = admitted(limits, 2);
        second.loggedIn();
        assertTrue(refused(limits, 3).contains("limits.connections)"), refused(limits, 3));
        assertEquals(2, limits.connections());
        second.close();
        admitted(limits, 3);
    }

    @Test
    void tellsOnlyAFewAtATimeThatTheyCannotStay() throws Exception {
        ConnectionLimits limits = new ConnectionLimits(1, 1, 1);
        admitted(limits, 0);
        List<ConnectionLimits.Slot> told = new ArrayList<>();
        for (int host = 1; told.size() < ConnectionLimits.REFUSALS_MAX; host++) {
            for (int i = 0; i < ConnectionLimits.REFUSALS_PER_ADDRESS_MAX; i++) {
                ConnectionLimits.Slot slot = limits.admit(host(host));
                assertNotNull(slot);
                told.add(slot);
            }
            assertNull(limits.admit(host(host)), "one address is told a few times only");
        }
        assertNull(limits.admit(host(999)));
        told.get(0).close();
        assertNotNull(limits.admit(host(999)));
    }
}
