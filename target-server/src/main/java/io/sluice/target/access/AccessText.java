package io.sluice.target.access;

import io.sluice.config.AccessSettings;
import io.sluice.config.ChapSettings;
import io.sluice.config.ServerSettings.DigestChoice;
import io.sluice.config.ServerSettings.TargetSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Access rules in words for operators. User names are told, secrets and where they come from are not. */
public final class AccessText {
    private AccessText() {}

    /** "CHAP (user \"a\", mutual), initiators iqn.x:*, addresses 10.0.0.0/8", or "every host". */
    public static String of(TargetSettings settings) {
        List<String> parts = parts(settings.access());
        digest("header digest", settings.headerDigest(), parts);
        digest("data digest", settings.dataDigest(), parts);
        return joined(parts);
    }

    /** The same without digests, which discovery does not have. */
    public static String of(AccessSettings settings) {
        return joined(parts(settings));
    }

    private static String joined(List<String> parts) {
        return String.join("; ", parts);
    }

    private static List<String> parts(AccessSettings settings) {
        List<String> parts = new ArrayList<>();
        boolean everybody =
                settings.initiators().isEmpty() && settings.addresses().isEmpty();
        if (everybody) {
            parts.add(settings.chap().isPresent() ? "every host that knows a secret" : "every host");
        }
        if (!settings.initiators().isEmpty()) {
            parts.add("initiators " + list(settings.initiators()));
        }
        if (!settings.addresses().isEmpty()) {
            parts.add("addresses " + list(settings.addresses()));
        }
        parts.add(settings.chap().map(AccessText::chap).orElse("no CHAP"));
        return parts;
    }

    private static String chap(ChapSettings chap) {
        List<String> parts = new ArrayList<>();
        chap.common().ifPresent(common -> parts.add("user \"" + common.user() + "\""));
        int single = chap.byInitiator().size();
        if (single > 0) {
            parts.add(single + (single == 1 ? " initiator with its own" : " initiators with their own"));
        }
        chap.mutual().ifPresent(mutual -> parts.add("mutual as \"" + mutual.user() + "\""));
        if (chap.algorithms().size() < ChapSettings.Algorithm.values().length) {
            parts.add("only "
                    + chap.algorithms().stream()
                            .map(one -> one.name().replace('_', '-'))
                            .collect(Collectors.joining(", ")));
        }
        return "CHAP (" + String.join(", ", parts) + ")";
    }

    private static void digest(String what, DigestChoice choice, List<String> parts) {
        if (choice != DigestChoice.ALLOW) {
            parts.add(what + ": " + choice.name().toLowerCase(Locale.ROOT));
        }
    }

    private static String list(List<?> values) {
        return values.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
