package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.TextKeys;
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
     * @param initiatorAddress where the initiator is
     * @param usedAddress by which it reached us
     */
    TextKeys answer(
            String wanted,
            String initiatorName,
            String ownTarget,
            InetAddress initiatorAddress,
            InetSocketAddress usedAddress) {
        if (wanted.isEmpty() && ownTarget.isEmpty()) {
            // A discovery session has no target of its own.
            return TextKeys.of(OperationalTextKey.SEND_TARGETS.value(), "Reject");
        }
        List<TextKeys.Pair> answer = new ArrayList<>();
        Set<String> addresses = addressesSeenFrom(usedAddress);
        for (String name : namesFor(wanted, initiatorName, ownTarget, initiatorAddress)) {
            answer.add(new TextKeys.Pair(OperationalTextKey.TARGET_NAME.value(), name));
            for (String address : addresses) {
                answer.add(new TextKeys.Pair(OperationalTextKey.TARGET_ADDRESS.value(), address));
            }
        }
        return new TextKeys(answer);
    }

    private List<String> namesFor(String wanted, String initiatorName, String ownTarget, InetAddress initiatorAddress) {
        if (!ownTarget.isEmpty()) {
            boolean own = wanted.isEmpty() || wanted.equals("All") || wanted.equalsIgnoreCase(ownTarget);
            return own ? List.of(ownTarget) : List.of();
        }
        return directory.visibleTo(initiatorName, initiatorAddress).stream()
                .filter(name -> wanted.equals("All") || wanted.equalsIgnoreCase(name))
                .toList();
    }

    private Set<String> addressesSeenFrom(InetSocketAddress usedAddress) {
        Set<String> first = new LinkedHashSet<>();
        Set<String> others = new LinkedHashSet<>();
        for (PortalAddress portal : portals.get()) {
            InetSocketAddress told = told(portal.address(), usedAddress);
            boolean used = usedAddress.equals(told);
            String text = text(told) + "," + portal.groupTag();
            (used ? first : others).add(text);
        }
        first.addAll(others);
        return first;
    }

    /** Nobody can connect to a wildcard: the initiator is told the address that it used itself. */
    private static InetSocketAddress told(InetSocketAddress portal, InetSocketAddress usedAddress) {
        InetAddress address = portal.getAddress();
        return address != null && address.isAnyLocalAddress()
                ? new InetSocketAddress(usedAddress.getAddress(), portal.getPort())
                : portal;
    }

    private static String text(InetSocketAddress portal) {
        InetAddress address = portal.getAddress();
        String host = address == null ? portal.getHostString() : address.getHostAddress();
        int scope = host.indexOf('%');
        String bare = scope < 0 ? host : host.substring(0, scope);
        return (bare.indexOf(':') < 0 ? bare : "[" + bare + "]") + ":" + portal.getPort();
    }
}
