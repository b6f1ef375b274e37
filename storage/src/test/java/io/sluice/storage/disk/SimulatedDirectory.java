package io.sluice.storage.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The names of one simulated directory: as processes see them, and as a power loss would leave them. */
final class SimulatedDirectory {
    /** One change of names that is not durable yet. */
    private interface Change {
        void apply(NavigableMap<String, SimulatedFile> names);

        /** A power loss has come: whether it happened. */
        default boolean happened(Random random) {
            return random.nextBoolean();
        }

        /** A directory was synced: it has happened, also where else it is part of what happened. */
        default void synced() {}
    }

    /**
     * A move from one directory to another: to both it happens, or to none. Syncing either makes it durable, as the
     * transaction of a journaling file system does.
     */
    private static final class Move {
        private final SimulatedDirectory from;
        private final SimulatedDirectory to;
        private final String name;
        private final SimulatedFile file;
        private @Nullable Boolean happened;

        Move(SimulatedDirectory from, SimulatedDirectory to, String name, SimulatedFile file) {
            this.from = from;
            this.to = to;
            this.name = name;
            this.file = file;
        }

        void begin() {
            from.change(new Part(this, names -> names.remove(name)));
            to.change(new Part(this, names -> names.put(name, file)));
        }

        void synced() {
            if (happened == null) {
                happened = true;
                from.durable.remove(name);
                to.durable.put(name, file);
            }
        }
    }

    /** What a move does to one of its directories. */
    private record Part(Move move, Change effect) implements Change {
        @Override
        public void apply(NavigableMap<String, SimulatedFile> names) {
            effect.apply(names);
        }

        @Override
        public boolean happened(Random random) {
            Boolean decided = move.happened;
            if (decided == null) {
                decided = random.nextBoolean();
                move.happened = decided;
            }
            return decided;
        }

        @Override
        public void synced() {
            move.synced();
        }
    }

    private final NavigableMap<String, SimulatedFile> seen = new TreeMap<>();
    private final NavigableMap<String, SimulatedFile> durable = new TreeMap<>();
    private final NavigableMap<String, SimulatedDirectory> subdirectories = new TreeMap<>();
    private final List<Change> changes = new ArrayList<>();

    @Nullable
    SimulatedFile find(String name) {
        return seen.get(name);
    }

    List<String> names() {
        return List.copyOf(seen.keySet());
    }

    SimulatedDirectory subdirectory(String name) {
        return subdirectories.computeIfAbsent(name, absent -> new SimulatedDirectory());
    }

    long bytes() {
        return seen.values().stream().mapToLong(SimulatedFile::size).sum()
                + subdirectories.values().stream()
                        .mapToLong(SimulatedDirectory::bytes)
                        .sum();
    }

    void put(String name, SimulatedFile file) {
        change(names -> names.put(name, file));
    }

    void remove(String name) {
        change(names -> names.remove(name));
    }

    void rename(String from, String to) {
        change(names -> {
            SimulatedFile file = names.remove(from);
            if (file != null) {
                names.put(to, file);
            }
        });
    }

    private void change(Change change) {
        change.apply(seen);
        changes.add(change);
    }

    /** Moves the file {@code name} into {@code target}. */
    void move(String name, SimulatedDirectory target, SimulatedFile file) {
        new Move(this, target, name, file).begin();
    }

    void sync() {
        changes.forEach(change -> {
            change.synced();
            change.apply(durable);
        });
        changes.clear();
    }

    /** The kernel writes some of what is not synced, as it does when it has time. */
    void writeBackSome(Random random) {
        seen.values().forEach(file -> file.writeBackSome(random));
        subdirectories.values().forEach(directory -> directory.writeBackSome(random));
    }

    /** Each unsynced change of a name happened or not, by its own chance; the files' pieces likewise. */
    void crashMachine(Random random) {
        for (Change change : changes) {
            if (change.happened(random)) {
                change.apply(durable);
            }
        }
        changes.clear();
        seen.clear();
        seen.putAll(durable);
        seen.values().forEach(file -> file.crashMachine(random));
        subdirectories.values().forEach(directory -> directory.crashMachine(random));
    }
}
