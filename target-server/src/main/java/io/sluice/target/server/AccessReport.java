package io.sluice.target.server;

import io.sluice.target.iscsi.session.LoginLedger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of {@code sluice status} about who may log in, and how logins ended. Without secrets. */
final class AccessReport {
    private AccessReport() {}

    /** {@code rules} of each target and, under "", of discovery, in words. */
    static Map<String, ?> of(Map<String, String> rules, LoginLedger logins) {
        List<Map<String, ?>> rows = new ArrayList<>();
        rules.forEach((name, access) -> {
            if (!name.isEmpty()) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("target", name);
                row.put("access", access);
                rows.add(row);
            }
        });
        return Map.of(
                "targets",
                rows,
                "discovery",
                rules.getOrDefault("", ""),
                "logins",
                Map.of("succeeded", logins.logins(), "refused", logins.refusals()));
    }
}
