package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jscsi.parser.datasegment.OperationalTextKey;

/**
 * The answer to SendTargets (RFC 7143 appendix C): for each target its name and every portal, the one the initiator
 * came by first. A wildcard address is told as the address that this initiator used.
 */
final class TargetList {
    private final TargetDirectory directory;
    private final Supplier<List<PortalAddress>> portals;

    TargetList(TargetDirectory directory, Supplier<List<PortalAddress>> portals) {
        this.directory = directory;
        this.portals = portals;
    }

    /**
     * Names and addresses.
     *
     * @param wanted value of SendTargets: All, one name, or empty for the session's own target
     * @param ownTarget the session's target, empty in discovery
     */
    TextKeys answer(String wanted, String initiatorName, String ownTarget, InetSocketAddress usedAddress) {
        List<TextKeys.Pair> answer = new ArrayList<>();
        Set<String> addresses = addressesSeenFrom(usedAddress);
        for (String name : namesFor(wanted, initiatorName, ownTarget)) {
            answer.add(new TextKeys.Pair(OperationalTextKey.TARGET_NAME.value(), name));
            for (String address : addresses) {
                answer.add(new TextKeys.Pair(OperationalTextKey.TARGET_ADDRESS.value(), address));
            }
        }
        return new TextKeys(answer);
    }

    private List<String> namesFor(String wanted, String initiatorName, String ownTarget) {
        if (!ownTarget.isEmpty()) {
            boolean own = wanted.isEmpty() || wanted.equals("All") || wanted.equalsIgnoreCase(ownTarget);
            return own ? List.of(ownTarget) : List.of();
        }
        return directory.visibleTo(initiatorName).stream()
                .filter(name -> wanted.equals("All") || wanted.equalsIgnoreCase(name))
                .toList();
    }

    private Set<String> addressesSeenFrom(InetSocketAddress usedAddress) {
        Set<String> first = new LinkedHashSet<>();
        Set<String> others = new LinkedHashSet<>();
        for (PortalAddress portal : portals.get()) {
            InetAddress bound = portal.address().getAddress();
            InetAddress shown = bound.isAnyLocalAddress() ? usedAddress.getAddress() : bound;
            String text = text(shown, portal.address().getPort()) + "," + portal.groupTag();
            boolean used =
                    shown.equals(usedAddress.getAddress()) && portal.address().getPort() == usedAddress.getPort();
            (used ? first : others).add(text);
        }
        first.addAll(others);
        return first;
    }

    private static String text(InetAddress address, int port) {
        String host = address.getHostAddress();
        if (address instanceof Inet6Address) {
            int scope = host.indexOf('%');
            host = "[" + (scope < 0 ? host : host.substring(0, scope)) + "]";
        }
        return host + ":" + port;
    }
}
