package io.sluice.storage.engine;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stands in front of parts of a volume, notes the calls that are of interest, and looks at the others when they come. */
final class Witness {
    private final List<String> seen = new ArrayList<>();
    private final Map<String, Runnable> looks = new HashMap<>();

    /** What was noted, neighbours of one name once. */
    List<String> seen() {
        return seen;
    }

    /** {@code look} runs before each call that is noted under {@code name}. */
    void before(String name, Runnable look) {
        looks.put(name, look);
    }

    /** {@code real}, of which calls are noted: {@code names} has the name to note for some methods. */
    <T> T of(Class<T> type, T real, Map<String, String> names) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    String name = names.get(method.getName());
                    if (name != null) {
                        note(name);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
        return type.cast(proxy);
    }

    private void note(String name) {
        looks.getOrDefault(name, () -> {}).run();
        if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(name)) {
            seen.add(name);
        }
    }
}
