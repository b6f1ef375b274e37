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

    void sync() {
        changes.forEach(change -> change.apply(durable));
        changes.clear();
    }

    /** Each unsynced change of a name happened or not, by its own chance; the files' pieces likewise. */
    void crashMachine(Random random) {
        for (Change change : changes) {
            if (random.nextBoolean()) {
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
