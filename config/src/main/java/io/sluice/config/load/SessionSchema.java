package io.sluice.config.load;

import io.sluice.config.IscsiName;
import io.sluice.config.Portal;
import io.sluice.config.PortalGroups;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.ListType;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.ValueTypes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keys of the server file about portal groups and about the times of sessions. */
final class SessionSchema {
    static final Key<Optional<List<Portal>>> GROUP_PORTALS = Key.optional(
            "portals",
            new ListType<>(ValueTypes.parsed(
                    "a portal", "address or address:port", "\"192.0.2.2:3260\"", Portal::parse, Map.of())),
            "none",
            "Addresses to listen on; required but for group 1, whose addresses are the server's `portals`.");
    static final Key<PortalGroups.Access> ACCESS = Key.of(
            "access",
            ValueTypes.choice(Words.of(PortalGroups.Access.class)),
            PortalGroups.Access.OPTIMIZED,
            "Which paths multipath hosts use: the `optimized` ones first (ALUA active/optimized and active/non-optimized).");
    static final Key<Optional<List<String>>> EXCEPT_TARGETS = Key.optional(
            "except-targets",
            new ListType<>(ValueTypes.parsed(
                    "a target's name",
                    "an iSCSI name",
                    "\"iqn.2026-11.org.example:mail\"",
                    IscsiName::normalise,
                    Map.of())),
            "none",
            "Targets for which `access` is the other way round.");
    static final Section PORTAL_GROUPS = Section.of(
                    "portal-groups",
                    "Portal groups beside the first, each under its tag: a number from 1 to 65535 in quotes, which hosts"
                            + " see and which must stay the same. The server's `portals` are group 1.")
            .withKeys(GROUP_PORTALS, ACCESS, EXCEPT_TARGETS)
            .asNamed();

    static final Key<Duration> PING_AFTER = Key.of(
            "ping-after",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            Duration.ofSeconds(30),
            "Silence of a host before it is asked whether it is there.");
    static final Key<Duration> DROP_AFTER = Key.of(
            "drop-after",
            ValueTypes.duration(Duration.ofSeconds(2), Duration.ofHours(2)),
            Duration.ofSeconds(60),
            "Silence before its session is ended, and with it what the host has reserved by RESERVE; longer than"
                    + " `ping-after`.");
    static final Key<Duration> LOGOUT_GRACE = Key.of(
            "logout-grace",
            ValueTypes.duration(Duration.ZERO, Duration.ofMinutes(10)),
            Duration.ofSeconds(3),
            "When the server stops: how long hosts have to log out before their sessions are ended.");
    static final Key<Duration> LOGOUT_WAIT = Key.of(
            "logout-wait",
            ValueTypes.duration(Duration.ZERO, Duration.ofMinutes(1)),
            Duration.ofSeconds(5),
            "How long a logout waits for commands under way.");
    static final Key<Duration> ABORT_WAIT = Key.of(
            "abort-wait",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofMinutes(1)),
            Duration.ofSeconds(8),
            "How long an abort or reset waits for a write that is stuck before it is answered with \"rejected\"; stay"
                    + " below the host's own timeout (15 s with open-iscsi).");
    static final Section TIMES = Section.of("session-times", "How long sessions wait.")
            .withKeys(PING_AFTER, DROP_AFTER, LOGOUT_GRACE, LOGOUT_WAIT, ABORT_WAIT);

    private SessionSchema() {}
}
