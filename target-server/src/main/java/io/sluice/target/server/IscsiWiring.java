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
        portals.addAll(otherGroups(settings.portalGroups()));
        return new IscsiSettings(
                portals,
                advertised(settings),
                loops,
                settings.busyPollMax(),
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

    private static List<PortalAddress> otherGroups(PortalGroups groups) throws IOException {
        List<PortalAddress> portals = new ArrayList<>();
        for (Map.Entry<Integer, PortalGroups.Group> group : groups.groups().entrySet()) {
            for (Portal portal : group.getValue().portals()) {
                portals.add(new PortalAddress(resolve(portal), group.getKey()));
            }
        }
        return portals;
    }

    /** Names are told as they are: the host looks them up. They stand for group 1; other groups are told besides. */
    private static List<PortalAddress> advertised(ServerSettings settings) throws IOException {
        if (settings.advertised().isEmpty()) {
            return List.of();
        }
        List<PortalAddress> told = new ArrayList<>();
        for (Portal portal : settings.advertised()) {
            told.add(new PortalAddress(
                    InetSocketAddress.createUnresolved(portal.host(), portal.port()), PortalGroups.FIRST));
        }
        told.addAll(otherGroups(settings.portalGroups()));
        return told;
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
        int beforeLogin = Math.toIntExact(limits.memoryBeforeLogin().bytes() / 2);
        return new SessionSettings(
                limits.commandsPerSession(),
                beforeLogin,
                standard.receiveBufferBytes(),
                standard.sendQueueBytesMax(),
                standard.dataInPieceBytes(),
                standard.taskDataBytesMax(),
                limits.memoryPerSession().bytes(),
                Math.max(
                        standard.serverMemoryBytesMax(),
                        limits.memoryPerSession().bytes()),
                limits.connections(),
                beforeLogin,
                limits.connectionsBeforeLogin(),
                limits.connectionsBeforeLoginPerAddress(),
                limits.loginTimeout(),
                times.pingAfter(),
                times.dropAfter(),
                times.logoutWait(),
                times.abortWait());
    }
}
