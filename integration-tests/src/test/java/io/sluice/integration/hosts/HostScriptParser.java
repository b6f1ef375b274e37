package io.sluice.integration.hosts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a script; what it does not understand is an error that names the line. */
final class HostScriptParser {
    private static final Pattern LOGIN =
            Pattern.compile("login (\\w+) as (\\S+) isid ([0-9a-f]{12})(?: portal ([12]))?");
    private static final Pattern VANISH = Pattern.compile("vanish (\\w+)");
    private static final Pattern SEND = Pattern.compile("(\\w+) lun (\\d+): ([^;]+?)(?:\\s*;\\s*(.*))?");
    private static final Pattern AT = Pattern.compile("at (\\d+): (.+)");
    private static final Pattern KEEP = Pattern.compile("keep (\\w+) at (\\d+) length (\\d+)");
    private static final Pattern NUMBER = Pattern.compile("(in|length|overflow) (\\d+)");

    private final String name;
    private final List<HostScript.Step> steps = new ArrayList<>();
    private int line;

    private HostScriptParser(String name) {
        this.name = name;
    }

    static HostScript parse(String name, List<String> lines) {
        HostScriptParser parser = new HostScriptParser(name);
        int next = 0;
        while (next < lines.size()) {
            parser.line = next + 1;
            String text = withoutComment(lines.get(next++));
            if (text.isEmpty()) {
                continue;
            }
            List<String> details = new ArrayList<>();
            while (next < lines.size()
                    && (lines.get(next).startsWith(" ") || lines.get(next).isBlank())) {
                String detail = withoutComment(lines.get(next++));
                if (!detail.isEmpty()) {
                    details.add(detail);
                }
            }
            parser.step(text, details);
        }
        return new HostScript(name, parser.steps);
    }

    private static String withoutComment(String text) {
        int hash = text.indexOf('#');
        return (hash < 0 ? text : text.substring(0, hash)).strip();
    }

    private void step(String text, List<String> details) {
        Matcher login = LOGIN.matcher(text);
        Matcher vanish = VANISH.matcher(text);
        Matcher send = SEND.matcher(text);
        if (login.matches()) {
            login(login, details);
        } else if (vanish.matches()) {
            steps.add(new HostScript.Vanish(line, vanish.group(1)));
        } else if (send.matches()) {
            send(send, details);
        } else {
            throw mistake("neither login, vanish nor a command: " + text);
        }
    }

    private void login(Matcher login, List<String> details) {
        Map<String, Map<String, String>> keys = new LinkedHashMap<>();
        for (String detail : details) {
            String[] words = detail.split("\\s+", -1);
            Map<String, String> group = keys.computeIfAbsent(words[0], kind -> new LinkedHashMap<>());
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                if (equals < 0) {
                    throw mistake("not key=value: " + words[i]);
                }
                group.put(words[i].substring(0, equals), words[i].substring(equals + 1));
            }
        }
        steps.add(new HostScript.Login(
                line,
                login.group(1),
                login.group(2),
                Long.parseLong(login.group(3), 16),
                login.group(4) == null ? 1 : Integer.parseInt(login.group(4)),
                keys.getOrDefault("security", Map.of()),
                keys.getOrDefault("operational", Map.of()),
                keys.getOrDefault("agreed", Map.of())));
    }

    private void send(Matcher send, List<String> details) {
        HostScript.Expectation expected = new HostScript.Expectation();
        StringBuilder out = new StringBuilder();
        int inBytes = 0;
        for (String detail : details) {
            Matcher number = NUMBER.matcher(detail);
            Matcher at = AT.matcher(detail);
            Matcher keep = KEEP.matcher(detail);
            if (detail.startsWith("out: ")) {
                out.append(' ').append(detail.substring("out: ".length()));
            } else if (number.matches() && number.group(1).equals("in")) {
                inBytes = Integer.parseInt(number.group(2));
            } else if (number.matches()) {
                number(expected, number.group(1), Integer.parseInt(number.group(2)));
            } else if (at.matches()) {
                expected.parts().add(new HostScript.Part(Integer.parseInt(at.group(1)), Bytes.parse(at.group(2))));
            } else if (keep.matches()) {
                expected.kept()
                        .add(new HostScript.Kept(
                                keep.group(1), Integer.parseInt(keep.group(2)), Integer.parseInt(keep.group(3))));
            } else {
                status(expected, detail);
            }
        }
        String remark = send.group(4) == null ? "" : send.group(4);
        steps.add(new HostScript.Send(
                line,
                send.group(1),
                Integer.parseInt(send.group(2)),
                remark,
                Bytes.parse(send.group(3)),
                Bytes.parse(out.toString()),
                inBytes,
                expected));
    }

    private static void number(HostScript.Expectation expected, String what, int value) {
        if (what.equals("length")) {
            expected.length(value);
        } else {
            expected.overflow(value);
        }
    }

    private void status(HostScript.Expectation expected, String detail) {
        if (detail.startsWith("every ")) {
            expected.every(Integer.parseInt(detail.substring("every ".length()), 16));
        } else if (detail.matches(
                "good|busy|conflict|check ([0-9a-f]{1,2}|\\.\\.)/([0-9a-f]{2}|\\.\\.)/([0-9a-f]{2}|\\.\\.)")) {
            expected.status(detail);
        } else {
            throw mistake("not understood: " + detail);
        }
    }

    private IllegalArgumentException mistake(String what) {
        return new IllegalArgumentException(name + ", step at line " + line + ": " + what);
    }
}
