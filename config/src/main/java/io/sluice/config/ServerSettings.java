package io.sluice.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What concerns the whole server.
 *
 * @param portals to listen on, at least one
 * @param advertised portals that discovery tells instead of those that are listened on; empty: those
 * @param adminSocket the local socket of {@code sluice status}
 * @param dataDirectory holds what has no path of its own: cache directories
 * @param eventLoops 0: one for each processor
 * @param busyPollMax how long at most an event loop looks for the next event before it sleeps; zero: not at all
 * @param discovery who may ask which targets there are
 * @param targets settings of targets that have any, by normalised name; a target exists because a LUN names it
 * @param portalGroups of the portals, and which of them hosts should prefer
 * @param sessionTimes how long sessions wait
 */
public record ServerSettings(
        List<Portal> portals,
        List<Portal> advertised,
        Path adminSocket,
        Path dataDirectory,
        int eventLoops,
        Duration busyPollMax,
        Limits limits,
        Log log,
        AccessSettings discovery,
        Map<String, TargetSettings> targets,
        PortalGroups portalGroups,
        SessionTimes sessionTimes) {
    /** Copies the collections. */
    public ServerSettings {
        portals = List.copyOf(portals);
        advertised = List.copyOf(advertised);
        targets = Map.copyOf(targets);
    }

    /** What concerns a target, by normalised name; also of one that has no settings of its own. */
    public TargetSettings target(String name) {
        return targets.getOrDefault(name, TargetSettings.DEFAULT);
    }

    /**
     * Bounds of what hosts can make the server hold.
     *
     * @param connections open at the same time
     * @param connectionsBeforeLogin of them, those that have not logged in
     * @param connectionsBeforeLoginPerAddress of those, from one address
     * @param sessions logged in at the same time
     * @param commandsPerSession the command window (MaxCmdSN - ExpCmdSN + 1)
     * @param memoryPerSession data of commands under way
     * @param memoryBeforeLogin what a connection may make the server hold before it has logged in
     * @param loginTimeout from the connection to the end of the login
     */
    public record Limits(
            int connections,
            int connectionsBeforeLogin,
            int connectionsBeforeLoginPerAddress,
            int sessions,
            int commandsPerSession,
            ByteSize memoryPerSession,
            ByteSize memoryBeforeLogin,
            Duration loginTimeout) {}

    /** What is written to the log, and how. */
    public record Log(Level level, Format format) {
        /** From this level on. */
        public enum Level {
            ERROR,
            WARN,
            INFO,
            DEBUG,
            TRACE
        }

        /** One line per event, for people or for programs. */
        public enum Format {
            TEXT,
            JSON
        }
    }

    /**
     * What concerns a target with all its LUNs.
     *
     * @param alias shown to hosts beside the name (TargetAlias)
     * @param access who may log in
     * @param headerDigest CRC32C of headers
     * @param dataDigest CRC32C of data
     * @param ignoresIsidInReservations persistent reservations know initiators by their name, whatever their ISID
     */
    public record TargetSettings(
            Optional<String> alias,
            AccessSettings access,
            DigestChoice headerDigest,
            DigestChoice dataDigest,
            boolean ignoresIsidInReservations) {
        /** Of a target that the server file does not mention. */
        public static final TargetSettings DEFAULT = new TargetSettings(
                Optional.empty(), AccessSettings.OPEN, DigestChoice.ALLOW, DigestChoice.ALLOW, false);
    }

    /** When a digest (CRC32C) is used. */
    public enum DigestChoice {
        /** Never. */
        NONE,
        /** When it is the initiator's first choice. */
        ALLOW,
        /** When the initiator offers it at all. */
        PREFER,
        /** Always: who does not offer it is refused. */
        REQUIRE
    }
}
