package io.sluice.config.load;

import io.sluice.config.IscsiName;
import io.sluice.config.Portal;
import io.sluice.config.ServerSettings;
import io.sluice.config.ServerSettings.Limits;
import io.sluice.config.ServerSettings.TargetSettings;
import io.sluice.config.StoreSettings;
import io.sluice.config.schema.SectionReader;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.Node.Table;
import io.sluice.config.tree.ShownText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the server's settings of its file. */
final class ServerReader {
    /** sun_path of sockaddr_un without its final zero. */
    private static final int SOCKET_PATH_BYTES_MAX = 107;

    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "*");

    private final MistakeLog log;
    private final StoreReader stores;
    private final AccessReader access;

    ServerReader(MistakeLog log, StoreReader stores, AccessReader access) {
        this.log = log;
        this.stores = stores;
        this.access = access;
    }

    ServerDraft read(Table root) {
        SessionReader sessions = new SessionReader(log);
        SectionValues values = new SectionReader(log).read(ServerSchema.ROOT, root);
        ServerSettings settings = new ServerSettings(
                readPortals(values),
                readAdvertised(values),
                readAdminSocket(values),
                values.get(ServerSchema.DATA_DIRECTORY),
                values.get(ServerSchema.EVENT_LOOPS),
                values.get(ServerSchema.BUSY_POLL_MAX),
                readLimits(values.section(ServerSchema.LIMITS)),
                readLog(values.section(ServerSchema.LOG)),
                access.read(values.section(ServerSchema.DISCOVERY)),
                readTargets(values.section(ServerSchema.TARGETS)),
                sessions.readGroups(values.section(SessionSchema.PORTAL_GROUPS), values.get(ServerSchema.PORTALS)),
                sessions.readTimes(values.section(SessionSchema.TIMES)));
        Optional<Table> defaults = root.child(VolumeSchema.DEFAULTS.name())
                .filter(Table.class::isInstance)
                .map(Table.class::cast);
        return new ServerDraft(settings, values, readStores(values.section(StoreSchema.STORES)), defaults);
    }

    private List<Portal> readPortals(SectionValues values) {
        List<Portal> portals = values.get(ServerSchema.PORTALS);
        Set<Portal> seen = new HashSet<>();
        for (Portal portal : portals) {
            if (!seen.add(portal) && portal.port() != 0) {
                log.mistake(
                        values.place(ServerSchema.PORTALS),
                        values.path(ServerSchema.PORTALS),
                        portal + " is there twice",
                        "write every address once");
            }
        }
        return portals;
    }

    /** Hosts connect to what they are told, so it must be a real place. */
    private List<Portal> readAdvertised(SectionValues values) {
        List<Portal> portals = values.get(ServerSchema.ADVERTISE).orElse(List.of());
        for (Portal portal : portals) {
            if (portal.port() == 0 || WILDCARDS.contains(portal.host())) {
                log.mistake(
                        values.place(ServerSchema.ADVERTISE),
                        values.path(ServerSchema.ADVERTISE),
                        portal + " is no place that a host can connect to",
                        "write an address or a name, and the port, by which hosts reach this server");
            }
        }
        return portals;
    }

    private Path readAdminSocket(SectionValues values) {
        Path socket = values.get(ServerSchema.ADMIN_SOCKET)
                .orElse(values.get(ServerSchema.DATA_DIRECTORY).resolve("admin.sock"));
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > SOCKET_PATH_BYTES_MAX) {
            log.mistake(
                    values.place(ServerSchema.ADMIN_SOCKET),
                    values.path(ServerSchema.ADMIN_SOCKET),
                    socket + " is longer than the " + SOCKET_PATH_BYTES_MAX + " bytes that a socket's path may have",
                    "write a shorter path, for example \"/run/sluice/admin.sock\"");
        }
        return socket;
    }

    private Limits readLimits(SectionValues values) {
        int connections = values.get(ServerSchema.CONNECTIONS);
        int beforeLogin = values.get(ServerSchema.CONNECTIONS_BEFORE_LOGIN);
        if (beforeLogin > connections
                && values.isGood(ServerSchema.CONNECTIONS)
                && values.isGiven(ServerSchema.CONNECTIONS_BEFORE_LOGIN)) {
            log.mistake(
                    values.place(ServerSchema.CONNECTIONS_BEFORE_LOGIN),
                    values.path(ServerSchema.CONNECTIONS_BEFORE_LOGIN),
                    beforeLogin + " is more than connections (" + connections + ")",
                    "write at most " + connections);
        }
        return new Limits(
                connections,
                Math.min(connections, beforeLogin),
                values.get(ServerSchema.CONNECTIONS_BEFORE_LOGIN_PER_ADDRESS),
                values.get(ServerSchema.SESSIONS),
                values.get(ServerSchema.COMMANDS_PER_SESSION),
                values.get(ServerSchema.MEMORY_PER_SESSION),
                values.get(ServerSchema.MEMORY_BEFORE_LOGIN),
                values.get(ServerSchema.LOGIN_TIMEOUT));
    }

    private static ServerSettings.Log readLog(SectionValues values) {
        return new ServerSettings.Log(values.get(ServerSchema.LOG_LEVEL), values.get(ServerSchema.LOG_FORMAT));
    }

    private Map<String, TargetSettings> readTargets(SectionValues values) {
        Map<String, TargetSettings> targets = new HashMap<>();
        values.sections().forEach((name, target) -> {
            TargetSettings settings = new TargetSettings(
                    target.get(ServerSchema.ALIAS),
                    access.read(target),
                    target.get(AccessSchema.HEADER_DIGEST),
                    target.get(AccessSchema.DATA_DIGEST),
                    target.get(ServerSchema.IGNORE_ISID_IN_RESERVATIONS));
            try {
                if (targets.put(IscsiName.normalise(name), settings) != null) {
                    log.mistake(target.place(), target.path(), "the target is there twice", "write it once");
                }
            } catch (IllegalArgumentException e) {
                String what = ShownText.isShowable(name) ? String.valueOf(e.getMessage()) : "is not an iSCSI name";
                log.mistake(target.place(), target.path(), what, "write the name that a LUN file gives, in quotes");
            }
        });
        return targets;
    }

    private Map<String, Optional<StoreSettings>> readStores(SectionValues values) {
        Map<String, Optional<StoreSettings>> read = new HashMap<>();
        values.sections().forEach((name, store) -> read.put(name, stores.read(store)));
        values.bad().forEach(name -> read.put(name, Optional.empty()));
        return read;
    }
}
