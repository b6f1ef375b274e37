package io.sluice.target.server;

import io.sluice.config.Portal;
import io.sluice.config.ServerSettings;
import io.sluice.target.iscsi.IscsiSettings;
import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.SessionSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The configuration in the words of the iSCSI server. */
final class IscsiWiring {
    /** All portals belong to one group. */
    static final int PORTAL_GROUP = 1;

    private IscsiWiring() {}

    /** Looks the names of portals up; fails naming the one that is unknown. */
    static IscsiSettings settings(ServerSettings settings) throws IOException {
        int loops = settings.eventLoops() > 0
                ? settings.eventLoops()
                : Runtime.getRuntime().availableProcessors();
        List<PortalAddress> portals = new ArrayList<>();
        for (Portal portal : settings.portals()) {
            portals.add(new PortalAddress(resolve(portal), PORTAL_GROUP));
        }
        return new IscsiSettings(
                portals,
                advertised(settings),
                loops,
                settings.limits().sessions(),
                NegotiationSettings.standard(),
                sessions(settings.limits()));
    }

    /** Names are told as they are: the host looks them up. */
    private static List<PortalAddress> advertised(ServerSettings settings) {
        return settings.advertised().stream()
                .map(portal -> new PortalAddress(
                        InetSocketAddress.createUnresolved(portal.host(), portal.port()), PORTAL_GROUP))
                .toList();
    }

    private static InetSocketAddress resolve(Portal portal) throws IOException {
        InetSocketAddress address = new InetSocketAddress(portal.host(), portal.port());
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + portal + ": no address is known for the name " + portal.host()
                    + "; write an IP address of this machine into portals, or make the name known");
        }
        return address;
    }

    private static SessionSettings sessions(ServerSettings.Limits limits) {
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
                standard.pingAfterIdle(),
                standard.dropAfterSilence(),
                standard.logoutTime());
    }
}
