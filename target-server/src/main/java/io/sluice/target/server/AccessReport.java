package io.sluice.target.server;

import io.sluice.target.access.AccessPolicy;
import io.sluice.target.iscsi.session.LoginLedger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of {@code sluice status} about who may log in, and how logins ended. Without secrets. */
final class AccessReport {
    private AccessReport() {}

    static Map<String, ?> of(AccessPolicy policy, Collection<String> targets, LoginLedger logins) {
        List<Map<String, ?>> rows = new ArrayList<>();
        for (String name : targets) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("target", name);
            row.put("access", policy.describe(name));
            rows.add(row);
        }
        return Map.of(
                "targets",
                rows,
                "discovery",
                policy.describe(""),
                "logins",
                Map.of("succeeded", logins.logins(), "refused", logins.refusals()));
    }
}
