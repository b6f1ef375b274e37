package io.sluice.config.load;

import io.sluice.config.Portal;
import io.sluice.config.PortalGroups;
import io.sluice.config.PortalGroups.Group;
import io.sluice.config.SessionTimes;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.MistakeLog;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Makes portal groups and session times of the server file. */
final class SessionReader {
    private static final int TAG_MAX = 65_535;
    private static final Pattern TAG = Pattern.compile("[1-9][0-9]{0,4}");

    private final MistakeLog log;

    SessionReader(MistakeLog log) {
        this.log = log;
    }

    SessionTimes readTimes(SectionValues values) {
        SessionTimes times = new SessionTimes(
                values.get(SessionSchema.PING_AFTER),
                values.get(SessionSchema.DROP_AFTER),
                values.get(SessionSchema.LOGOUT_GRACE),
                values.get(SessionSchema.LOGOUT_WAIT),
                values.get(SessionSchema.ABORT_WAIT));
        if (times.dropAfter().compareTo(times.pingAfter()) > 0) {
            return times;
        }
        if (values.isGood(SessionSchema.PING_AFTER) && values.isGood(SessionSchema.DROP_AFTER)) {
            log.mistake(
                    values.place(SessionSchema.DROP_AFTER),
                    values.path(SessionSchema.DROP_AFTER),
                    "is not longer than ping-after, so a silent host would never be asked",
                    "write more than " + times.pingAfter().toSeconds() + " s, or a shorter ping-after");
        }
        return new SessionTimes(
                times.pingAfter(),
                times.pingAfter().plusSeconds(1),
                times.logoutGrace(),
                times.logoutWait(),
                times.abortWait());
    }

    /** {@code firstPortals} are those of group 1. */
    PortalGroups readGroups(SectionValues values, List<Portal> firstPortals) {
        Map<Integer, Group> groups = new HashMap<>();
        Set<Portal> taken = new HashSet<>(firstPortals);
        values.sections().forEach((name, group) -> {
            if (!TAG.matcher(name).matches() || Integer.parseInt(name) > TAG_MAX) {
                log.mistake(
                        group.place(),
                        group.path(),
                        "is not a portal group tag",
                        "write a number from 1 to " + TAG_MAX + " in quotes");
                return;
            }
            int tag = Integer.parseInt(name);
            List<Portal> portals = group.get(SessionSchema.GROUP_PORTALS).orElse(List.of());
            checkPortals(group, tag, portals, taken);
            groups.put(
                    tag,
                    new Group(
                            tag == PortalGroups.FIRST ? List.of() : portals,
                            group.get(SessionSchema.ACCESS),
                            Set.copyOf(group.get(SessionSchema.EXCEPT_TARGETS).orElse(List.of()))));
        });
        return new PortalGroups(groups);
    }

    private void checkPortals(SectionValues group, int tag, List<Portal> portals, Set<Portal> taken) {
        boolean first = tag == PortalGroups.FIRST;
        if (first && !portals.isEmpty()) {
            mistake(group, "group 1 listens on the server's portals", "write these addresses into portals");
        } else if (!first && portals.isEmpty() && group.isGood(SessionSchema.GROUP_PORTALS)) {
            mistake(group, "is missing", "write portals = [\"192.0.2.2:3260\"]");
        }
        for (Portal portal : portals) {
            if (!first && !taken.add(portal) && portal.port() != 0) {
                mistake(group, portal + " is there twice", "write every address in one group, once");
            }
        }
    }

    private void mistake(SectionValues group, String what, String instead) {
        log.mistake(group.place(SessionSchema.GROUP_PORTALS), group.path(SessionSchema.GROUP_PORTALS), what, instead);
    }
}
