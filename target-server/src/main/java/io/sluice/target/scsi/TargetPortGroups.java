package io.sluice.target.scsi;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The target port groups of a target (SPC-4 section 5.16.2.2). Each iSCSI portal group is one target port (RFC 7143 section
 * 4.4.1), and each of these a target port group of its own: the portal group tag is relative target port identifier and
 * target port group at once, so both stay the same as long as the configuration keeps its tags. Immutable.
 *
 * @param states by portal group tag, 1-65535, at least one
 * @param changed whether the states have changed since the start (STATUS CODE of the report)
 */
public record TargetPortGroups(Map<Integer, AccessState> states, boolean changed) {
    private static final int TAG_MAX = 0xffff;

    /** Takes a copy. */
    public TargetPortGroups {
        states = java.util.Collections.unmodifiableMap(new TreeMap<>(states));
        if (states.isEmpty() || !states.keySet().stream().allMatch(tag -> tag >= 1 && tag <= TAG_MAX)) {
            throw new IllegalArgumentException("target port groups are 1-" + TAG_MAX + ", at least one: " + states);
        }
    }

    /** All of them active/optimized. */
    public static TargetPortGroups optimized(List<Integer> tags) {
        Map<Integer, AccessState> states = new TreeMap<>();
        tags.forEach(tag -> states.put(tag, AccessState.ACTIVE_OPTIMIZED));
        return new TargetPortGroups(states, false);
    }

    /** Portal group tags, ascending. */
    public List<Integer> tags() {
        return List.copyOf(states.keySet());
    }
}
