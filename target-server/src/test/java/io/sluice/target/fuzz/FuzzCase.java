package io.sluice.target.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * What an attacker does, byte by byte; the same each time it is run. As text one action per line, {@code #} begins a
 * comment:
 *
 * <pre>
 *   connect 0            opens connection 0
 *   send 0 0 4387...     sends bytes; the number cuts them into pieces of this many bytes, 0 does not
 *   await 0 4096         reads until an answer with this initiator task tag is there, but not for ever
 *   deaf 0 0             reads nothing any more
 *   pause 0 5            does nothing for so many milliseconds
 *   finish 0 0           says that nothing more comes and reads to the end
 *   reset 0 0            ends the connection with a TCP reset
 * </pre>
 */
record FuzzCase(List<Action> actions) {
    /** Verbs of the text. */
    enum Kind {
        CONNECT,
        SEND,
        AWAIT,
        DEAF,
        PAUSE,
        FINISH,
        RESET
    }

    /** One line. */
    record Action(Kind kind, int connection, int number, byte[] bytes) {
        Action(Kind kind, int connection, int number) {
            this(kind, connection, number, new byte[0]);
        }

        @Override
        public String toString() {
            String hex = bytes.length == 0 ? "" : " " + HexFormat.of().formatHex(bytes);
            return kind.name().toLowerCase(Locale.ROOT) + " " + connection + " " + number + hex;
        }

        static Action parse(String line) {
            String[] words = line.trim().split(" +", -1);
            return new Action(
                    Kind.valueOf(words[0].toUpperCase(Locale.ROOT)),
                    Integer.parseInt(words[1]),
                    words.length > 2 ? Integer.parseInt(words[2]) : 0,
                    words.length > 3 ? HexFormat.of().parseHex(words[3]) : new byte[0]);
        }
    }

    FuzzCase {
        actions = List.copyOf(actions);
    }

    /** Without the actions {@code [from, to)}. */
    FuzzCase without(int from, int to) {
        List<Action> rest = new ArrayList<>(actions.subList(0, from));
        rest.addAll(actions.subList(to, actions.size()));
        return new FuzzCase(rest);
    }

    static FuzzCase read(Path file) throws IOException {
        List<Action> actions = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String text = line.replaceFirst("#.*", "").trim();
            if (!text.isEmpty()) {
                actions.add(Action.parse(text));
            }
        }
        return new FuzzCase(actions);
    }

    void write(Path file, String comment) throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, "# " + comment.replace("\n", "\n# ") + "\n" + this + "\n");
    }

    @Override
    public String toString() {
        return String.join("\n", actions.stream().map(Action::toString).toList());
    }
}
