package io.sluice.integration.hosts;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Plays a script against a target and stops at the first answer that is not the expected one. */
final class HostScriptPlayer implements AutoCloseable {
    private static final int SHOWN_BYTES = 64;

    private final HostScript script;
    private final String target;
    private final List<InetSocketAddress> portals;
    private final Map<String, ScriptedHost> hosts = new HashMap<>();
    private final Map<String, byte[]> kept = new HashMap<>();

    /** {@code portals}: those that scripts call 1 and 2. */
    HostScriptPlayer(HostScript script, String target, List<InetSocketAddress> portals) {
        this.script = script;
        this.target = target;
        this.portals = List.copyOf(portals);
    }

    /** Plays all steps; returns how many there were. */
    int play() throws IOException {
        for (HostScript.Step step : script.steps()) {
            try {
                play(step);
            } catch (IOException | RuntimeException failure) {
                throw new IOException(where(step) + failure.getMessage(), failure);
            }
        }
        return script.steps().size();
    }

    private void play(HostScript.Step step) throws IOException {
        if (step instanceof HostScript.Login login) {
            login(login);
        } else if (step instanceof HostScript.Vanish vanish) {
            host(vanish.host()).close();
            hosts.remove(vanish.host());
        } else if (step instanceof HostScript.Send send) {
            send(send);
        }
    }

    private void login(HostScript.Login login) throws IOException {
        ScriptedHost host = new ScriptedHost(portals.get(login.portal() - 1));
        hosts.put(login.host(), host);
        Map<String, String> agreed = host.login(login, target);
        login.agreed().forEach((key, value) -> {
            if (!value.equals(agreed.get(key))) {
                throw new AssertionError(where(login) + key + " is " + agreed.get(key) + ", expected " + value);
            }
        });
    }

    private void send(HostScript.Send send) throws IOException {
        byte[] cdb = send.cdb().toBytes(kept);
        ScriptedHost.Outcome outcome =
                host(send.host()).execute(send.lun(), cdb, send.out().toBytes(kept), send.inBytes());
        List<String> wrong = new ArrayList<>();
        compare(send.expected(), send.inBytes(), outcome, wrong);
        if (!wrong.isEmpty()) {
            throw new AssertionError(where(send) + String.join("; ", wrong) + "\ngot " + describe(outcome));
        }
        for (HostScript.Kept keep : send.expected().kept()) {
            kept.put(
                    keep.name(),
                    java.util.Arrays.copyOfRange(outcome.data(), keep.offset(), keep.offset() + keep.length()));
        }
    }

    private void compare(
            HostScript.Expectation expected, int inBytes, ScriptedHost.Outcome outcome, List<String> wrong) {
        if (!matches(expected.status(), status(outcome))) {
            wrong.add("status is " + status(outcome) + ", expected " + expected.status());
        }
        compare(
                "bytes of data",
                expected.length() < 0 ? outcome.data().length : expected.length(),
                outcome.data().length,
                wrong);
        compare("underflow", Math.max(0, inBytes - outcome.data().length), outcome.underflow(), wrong);
        compare("overflow", expected.overflow(), outcome.overflow(), wrong);
        for (HostScript.Part part : expected.parts()) {
            String difference = part.bytes().differenceFrom(outcome.data(), part.offset(), kept);
            if (!difference.isEmpty()) {
                wrong.add(difference);
            }
        }
        Integer every = expected.every();
        if (every != null && (outcome.data().length == 0 || !allAre(outcome.data(), every))) {
            wrong.add(String.format(Locale.ROOT, "not every byte is %02x", every));
        }
    }

    private static void compare(String what, int expected, int seen, List<String> wrong) {
        if (expected != seen) {
            wrong.add(what + ": " + seen + ", expected " + expected);
        }
    }

    private static boolean allAre(byte[] data, int value) {
        for (byte one : data) {
            if ((one & 0xff) != value) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(String expected, String seen) {
        if (expected.length() != seen.length()) {
            return false;
        }
        for (int i = 0; i < seen.length(); i++) {
            if (expected.charAt(i) != '.' && expected.charAt(i) != seen.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static String status(ScriptedHost.Outcome outcome) {
        int sense = outcome.senseCode();
        return switch (outcome.status()) {
            case 0x00 -> "good";
            case 0x02 ->
                String.format(Locale.ROOT, "check %02x/%02x/%02x", sense >>> 16, (sense >>> 8) & 0xff, sense & 0xff);
            case 0x08 -> "busy";
            case 0x18 -> "conflict";
            default -> String.format(Locale.ROOT, "status %02x", outcome.status());
        };
    }

    private static String describe(ScriptedHost.Outcome outcome) {
        byte[] data = outcome.data();
        int shown = Math.min(data.length, SHOWN_BYTES);
        return status(outcome) + ", " + data.length + " bytes: "
                + HexFormat.ofDelimiter(" ").formatHex(data, 0, shown) + (shown < data.length ? " ..." : "");
    }

    private ScriptedHost host(String name) {
        ScriptedHost host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException("host " + name + " has not logged in");
        }
        return host;
    }

    private String where(HostScript.Step step) {
        String remark = step instanceof HostScript.Send send ? " (" + send.remark() + ")" : "";
        return script.name() + " line " + step.line() + ", host " + step.host() + remark + ": ";
    }

    @Override
    public void close() throws IOException {
        for (ScriptedHost host : hosts.values()) {
            host.close();
        }
    }
}
