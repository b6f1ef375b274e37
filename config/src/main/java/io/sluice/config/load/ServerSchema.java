package io.sluice.config.load;

import io.sluice.config.ByteSize;
import io.sluice.config.Portal;
import io.sluice.config.ServerSettings.Log;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.ListType;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.ValueTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keys of the server file. */
final class ServerSchema {
    static final Key<List<Portal>> PORTALS = Key.of(
            "portals",
            new ListType<>(ValueTypes.parsed(
                    "a portal", "address or address:port", "\"127.0.0.1:3260\"", Portal::parse, Map.of())),
            List.of(new Portal("127.0.0.1", Portal.USUAL_PORT)),
            "Addresses to listen on. The default serves this machine alone; `[\"0.0.0.0:3260\"]` opens every IPv4"
                    + " interface, `[\"[::]:3260\"]` every one.");
    static final Key<Optional<List<Portal>>> ADVERTISE = Key.optional(
            "advertise",
            new ListType<>(ValueTypes.parsed(
                    "a portal",
                    "address, name, or either with :port",
                    "\"san.example.org:3260\"",
                    Portal::parse,
                    Map.of())),
            "`portals`, and for one that listens on every address that which the initiator used",
            "Addresses that discovery tells instead (SendTargets): for address translation and containers, and to leave"
                    + " out networks that hosts cannot reach. They stand for `portals`; those of `portal-groups` are told besides.");
    static final Key<Path> DATA_DIRECTORY = Key.of(
            "data-directory",
            ValueTypes.path(),
            Path.of("/var/lib/sluice"),
            "Cache directories and the admin socket live below it when they have no path of their own.");
    static final Key<Optional<Path>> ADMIN_SOCKET = Key.optional(
            "admin-socket",
            ValueTypes.path(),
            "`admin.sock` in `data-directory`",
            "Local socket through which `sluice status` speaks to the server; at most 107 bytes long.");
    static final Key<Optional<Path>> LUNS = Key.optional(
            "luns",
            ValueTypes.path(),
            "`luns.d` beside the server file",
            "Directory of LUN files: every file in it whose name ends with `.conf`.");
    static final Key<Integer> EVENT_LOOPS = Key.of(
            "event-loops",
            ValueTypes.integer(0, 256),
            0,
            "Threads that serve connections; 0 means one for each processor.");
    static final Key<Duration> BUSY_POLL_MAX = Key.of(
            "busy-poll-max",
            ValueTypes.duration(Duration.ZERO, Duration.ofMillis(1)),
            Duration.ofNanos(100_000),
            "How long at most such a thread looks for the next command before it sleeps, while commands of one host follow each other"
                    + " that fast: it saves the tens of microseconds that a sleeping processor takes to wake up. At most half"
                    + " of the processors do so at a time. `0 ms` means never.");

    static final Key<Integer> CONNECTIONS =
            Key.of("connections", ValueTypes.integer(1, 65_536), 1024, "Connections open at the same time.");
    static final Key<Integer> CONNECTIONS_BEFORE_LOGIN = Key.of(
            "connections-before-login",
            ValueTypes.integer(1, 65_536),
            256,
            "Of them, those that have not yet logged in; not more than `connections`. Who comes beyond a limit is told"
                    + " to try again (status 0302).");
    static final Key<Integer> CONNECTIONS_BEFORE_LOGIN_PER_ADDRESS = Key.of(
            "connections-before-login-per-address", ValueTypes.integer(1, 65_536), 64, "Of those, from one address.");
    static final Key<Integer> SESSIONS =
            Key.of("sessions", ValueTypes.integer(1, 65_536), 512, "Sessions at the same time.");
    static final Key<Integer> COMMANDS_PER_SESSION = Key.of(
            "commands-per-session",
            ValueTypes.integer(1, 1024),
            128,
            "Commands that a host may have under way in a session (command window).");
    static final Key<ByteSize> MEMORY_PER_SESSION = Key.of(
            "memory-per-session",
            ValueTypes.size(ByteSize.ofMiB(1), ByteSize.ofGiB(4)),
            ByteSize.ofMiB(64),
            "Data of commands under way in a session.");
    static final Key<ByteSize> MEMORY_BEFORE_LOGIN = Key.of(
            "memory-before-login",
            ValueTypes.size(ByteSize.ofKiB(32), ByteSize.ofMiB(1)),
            ByteSize.ofKiB(64),
            "What a connection may make the server hold before it has logged in: half of it to receive into, half for"
                    + " the text of one request.");
    static final Key<Duration> LOGIN_TIMEOUT = Key.of(
            "login-timeout",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)),
            Duration.ofSeconds(15),
            "From the connection to the end of the login.");
    static final Section LIMITS = Section.of("limits", "Bounds of what hosts can make the server hold.")
            .withKeys(
                    CONNECTIONS,
                    CONNECTIONS_BEFORE_LOGIN,
                    CONNECTIONS_BEFORE_LOGIN_PER_ADDRESS,
                    SESSIONS,
                    COMMANDS_PER_SESSION,
                    MEMORY_PER_SESSION,
                    MEMORY_BEFORE_LOGIN,
                    LOGIN_TIMEOUT);

    static final Key<Log.Level> LOG_LEVEL = Key.of(
            "level",
            ValueTypes.choice(Words.of(Log.Level.class)),
            Log.Level.INFO,
            "The least important events to log.");
    static final Key<Log.Format> LOG_FORMAT = Key.of(
            "format",
            ValueTypes.choice(Words.of(Log.Format.class)),
            Log.Format.TEXT,
            "One line per event: `text` for people, `json` for programs.");
    static final Section LOG = Section.of("log", "What is logged.").withKeys(LOG_LEVEL, LOG_FORMAT);

    static final Key<Optional<String>> ALIAS = Key.optional(
            "alias",
            ValueTypes.text(
                    "an alias", "at most 255 characters", Pattern.compile("[^\\p{Cntrl}]{1,255}"), "\"Backup\""),
            "none",
            "Shown to hosts beside the name (TargetAlias).");
    static final Key<Boolean> IGNORE_ISID_IN_RESERVATIONS = Key.of(
            "ignore-isid-in-reservations",
            ValueTypes.flag(),
            false,
            "Persistent reservations know an initiator by its name alone. By the standard the ISID belongs to it, but"
                    + " some hosts take another one when they log in again, and then stand before their own reservation."
                    + " All sessions of a host through one portal group then share a registration. Change it only while"
                    + " nobody is registered.");
    static final Section TARGETS = Section.of(
                    "targets", "What concerns a target with all its LUNs, each under its name in quotes.")
            .withKeys(ALIAS, AccessSchema.HEADER_DIGEST, AccessSchema.DATA_DIGEST, IGNORE_ISID_IN_RESERVATIONS)
            .withSections(AccessSchema.CHAP, AccessSchema.ALLOW)
            .asNamed();

    static final Section DISCOVERY = Section.of(
                    "discovery",
                    "Who may ask which targets there are. It tells an initiator only those that it may log in to.")
            .withSections(AccessSchema.CHAP, AccessSchema.ALLOW);

    /** The server file. */
    static final Section ROOT = Section.of("", "What concerns the whole server.")
            .withKeys(PORTALS, ADVERTISE, DATA_DIRECTORY, ADMIN_SOCKET, LUNS, EVENT_LOOPS, BUSY_POLL_MAX)
            .withSections(
                    SessionSchema.PORTAL_GROUPS,
                    LIMITS,
                    SessionSchema.TIMES,
                    LOG,
                    DISCOVERY,
                    TARGETS,
                    StoreSchema.STORES,
                    VolumeSchema.DEFAULTS);

    private ServerSchema() {}
}
