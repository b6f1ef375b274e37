package io.sluice.target.server;

import io.sluice.config.Portal;
import io.sluice.config.PortalGroups;
import io.sluice.config.ServerSettings;
import io.sluice.config.SessionTimes;
import io.sluice.target.iscsi.IscsiSettings;
import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.SessionSettings;
import io.sluice.target.scsi.AccessState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The configuration in the words of the iSCSI server. */
final class IscsiWiring {
    private IscsiWiring() {}

    /** Looks the names of portals up; fails naming the one that is unknown. */
    static IscsiSettings settings(ServerSettings settings) throws IOException {
        int loops = settings.eventLoops() > 0
                ? settings.eventLoops()
                : Runtime.getRuntime().availableProcessors();
        List<PortalAddress> portals = new ArrayList<>();
        for (Portal portal : settings.portals()) {
            portals.add(new PortalAddress(resolve(portal), PortalGroups.FIRST));
        }
        for (Map.Entry<Integer, PortalGroups.Group> group :
                settings.portalGroups().groups().entrySet()) {
            for (Portal portal : group.getValue().portals()) {
                portals.add(new PortalAddress(resolve(portal), group.getKey()));
            }
        }
        return new IscsiSettings(
                portals,
                loops,
                settings.limits().sessions(),
                NegotiationSettings.standard(),
                sessions(settings.limits(), settings.sessionTimes()));
    }

    /** The target port groups of a target and how hosts should use them. */
    static Map<Integer, AccessState> accessStates(PortalGroups groups, String targetName) {
        Map<Integer, AccessState> states = new TreeMap<>();
        for (int tag : groups.tags()) {
            states.put(
                    tag,
                    switch (groups.access(tag, targetName)) {
                        case OPTIMIZED -> AccessState.ACTIVE_OPTIMIZED;
                        case NON_OPTIMIZED -> AccessState.ACTIVE_NON_OPTIMIZED;
                    });
        }
        return states;
    }

    private static InetSocketAddress resolve(Portal portal) throws IOException {
        InetSocketAddress address = new InetSocketAddress(portal.host(), portal.port());
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + portal + ": no address is known for the name " + portal.host()
                    + "; write an IP address of this machine into portals, or make the name known");
        }
        return address;
    }

    private static SessionSettings sessions(ServerSettings.Limits limits, SessionTimes times) {
        SessionSettings standard = SessionSettings.standard();
        return new SessionSettings(
                limits.commandsPerSession(),
                Math.max(
                        standard.preLoginBufferBytes(),
                        Math.toIntExact(limits.memoryBeforeLogin().bytes())),
                standard.receiveBufferBytes(),
                standard.sendQueueBytesMax(),
                standard.dataInPieceBytes(),
                standard.taskDataBytesMax(),
                limits.memoryPerSession().bytes(),
                Math.max(
                        standard.serverMemoryBytesMax(),
                        limits.memoryPerSession().bytes()),
                limits.connections(),
                limits.connectionsBeforeLogin(),
                limits.loginTimeout(),
                times.pingAfter(),
                times.dropAfter(),
                times.logoutWait(),
                times.abortWait());
    }
}
