package io.sluice.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The portal groups beside the first, and which of all groups hosts should prefer (ALUA).
 *
 * @param groups by tag, 1 to 65535; group 1 listens on the server's {@code portals} and is here only when it says more
 */
public record PortalGroups(Map<Integer, Group> groups) {
    /** The tag of the group of the server's {@code portals}. */
    public static final int FIRST = 1;

    /** All portals in one group, which is optimized. */
    public static final PortalGroups ONE = new PortalGroups(Map.of());

    /** Takes a copy, ascending. */
    public PortalGroups {
        groups = java.util.Collections.unmodifiableMap(new TreeMap<>(groups));
    }

    /**
     * One group.
     *
     * @param portals to listen on; empty for group 1
     * @param access of every target but the exceptions
     * @param exceptTargets normalised names of targets for which it is the other way round
     */
    public record Group(List<Portal> portals, Access access, Set<String> exceptTargets) {
        /** Takes copies. */
        public Group {
            portals = List.copyOf(portals);
            exceptTargets = Set.copyOf(exceptTargets);
        }
    }

    /** How hosts should use the portals of a group. */
    public enum Access {
        /** They are the paths to use. */
        OPTIMIZED,
        /** To be used when no optimized path is left. */
        NON_OPTIMIZED;

        private Access other() {
            return this == OPTIMIZED ? NON_OPTIMIZED : OPTIMIZED;
        }
    }

    /** The tags of all groups, ascending. */
    public Set<Integer> tags() {
        Set<Integer> tags = new TreeSet<>(groups.keySet());
        tags.add(FIRST);
        return tags;
    }

    /** How hosts should use a group for a target, given by its normalised name. */
    public Access access(int tag, String targetName) {
        Group group = groups.get(tag);
        if (group == null) {
            return Access.OPTIMIZED;
        }
        return group.exceptTargets().contains(targetName) ? group.access().other() : group.access();
    }
}
