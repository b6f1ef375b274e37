package io.sluice.target.iscsi.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.iscsi.pdu.TextKeys;
import io.sluice.target.scsi.ScsiTarget;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** SendTargets (RFC 7143 appendix C): addresses that hosts can reach, targets that they may use. */
final class TargetListTest {
    private static final InetSocketAddress USED = address("192.0.2.10", 3260);

    private static InetSocketAddress address(String host, int port) {
        return new InetSocketAddress(host, port);
    }

    private static List<String> addresses(InetSocketAddress used, PortalAddress... portals) {
        TargetList list = new TargetList(new TwoTargets(), () -> List.of(portals));
        return list.answer("iqn.x:a", "iqn.i:1", "", used.getAddress(), used).pairs().stream()
                .filter(pair -> pair.key().equals("TargetAddress"))
                .map(TextKeys.Pair::value)
                .toList();
    }

    @Test
    void awildcardIsToldAsTheAddressThatTheInitiatorUsed() {
        assertEquals(List.of("192.0.2.10:3260,1"), addresses(USED, new PortalAddress(address("0.0.0.0", 3260), 1)));
        assertEquals(List.of("192.0.2.10:3260,1"), addresses(USED, new PortalAddress(address("::", 3260), 1)));
    }

    @Test
    void ipv6StandsInBracketsWithoutItsScope() throws Exception {
        InetAddress linkLocal = java.net.Inet6Address.getByAddress(
                null, InetAddress.getByName("fe80::1").getAddress(), 2);
        assertEquals(
                List.of("[fe80:0:0:0:0:0:0:1]:3260,1"),
                addresses(new InetSocketAddress(linkLocal, 3260), new PortalAddress(address("::", 3260), 1)));
        assertEquals(
                List.of("[2001:db8:0:0:0:0:0:5]:860,2"),
                addresses(USED, new PortalAddress(address("2001:db8::5", 860), 2)));
    }

    @Test
    void theAddressThatTheInitiatorUsedComesFirst() {
        assertEquals(
                List.of("192.0.2.10:3260,2", "198.51.100.1:3260,1"),
                addresses(
                        USED,
                        new PortalAddress(address("198.51.100.1", 3260), 1),
                        new PortalAddress(address("192.0.2.10", 3260), 2)));
    }

    @Test
    void whatIsAdvertisedIsToldAsItIsWritten() {
        assertEquals(
                List.of("san.example.org:3260,1", "[2001:db8::9]:3260,1"),
                addresses(
                        USED,
                        new PortalAddress(InetSocketAddress.createUnresolved("san.example.org", 3260), 1),
                        new PortalAddress(InetSocketAddress.createUnresolved("2001:db8::9", 3260), 1)));
    }

    @Test
    void discoveryShowsAllOrOneButHasNoTargetOfItsOwn() {
        assertEquals(List.of("iqn.x:a", "iqn.x:b"), names("All", ""));
        assertEquals(List.of("iqn.x:b"), names("IQN.X:B", ""));
        assertEquals(List.of(), names("iqn.x:hidden", ""));
        TargetList list = new TargetList(new TwoTargets(), List::of);
        assertEquals(TextKeys.of("SendTargets", "Reject"), list.answer("", "iqn.i:1", "", USED.getAddress(), USED));
    }

    @Test
    void aNormalSessionSeesItsOwnTargetOnly() {
        for (String wanted : List.of("", "All", "iqn.x:b")) {
            assertEquals(List.of("iqn.x:b"), names(wanted, "iqn.x:b"), wanted);
        }
        assertEquals(List.of(), names("iqn.x:a", "iqn.x:b"));
    }

    private static List<String> names(String wanted, String ownTarget) {
        TargetList list = new TargetList(new TwoTargets(), List::of);
        return list.answer(wanted, "iqn.i:1", ownTarget, USED.getAddress(), USED).pairs().stream()
                .filter(pair -> pair.key().equals("TargetName"))
                .map(TextKeys.Pair::value)
                .toList();
    }

    /** Shows a and b. */
    private static final class TwoTargets implements TargetDirectory {
        @Override
        public @Nullable ScsiTarget find(String targetName) {
            return null;
        }

        @Override
        public List<String> visibleTo(String initiatorName, InetAddress address) {
            return List.of("iqn.x:a", "iqn.x:b");
        }
    }
}
