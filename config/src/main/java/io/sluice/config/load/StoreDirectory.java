package io.sluice.config.load;

import io.sluice.config.StoreSettings;
import io.sluice.config.schema.EditDistance;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.ShownText;
import java.util.Map;
import java.util.Optional;

/** Finds the store that a LUN means: one of the server file's by name, or its own. */
final class StoreDirectory {
    private final MistakeLog log;
    private final StoreReader reader;
    private final Map<String, Optional<StoreSettings>> stores;

    /** {@code stores} by name; empty for one that is given but wrong. */
    StoreDirectory(MistakeLog log, StoreReader reader, Map<String, Optional<StoreSettings>> stores) {
        this.log = log;
        this.reader = reader;
        this.stores = Map.copyOf(stores);
    }

    /** Empty when there is none; that is in the log then. */
    Optional<StoreSettings> find(SectionValues lun) {
        SectionValues values = lun.section(StoreSchema.STORE);
        if (lun.bad().contains(StoreSchema.STORE.name())) {
            return Optional.empty();
        }
        if (!values.given()) {
            log.mistake(
                    lun.place(),
                    values.path(),
                    "store is missing",
                    "write store = NAME of one of the server file's stores, or store { type = file, directory = ... }");
            return Optional.empty();
        }
        return values.shorthand().map(name -> byName(values, name.text())).orElseGet(() -> reader.read(values));
    }

    /** The name itself is not shown when it is unknown: only those that exist. */
    private Optional<StoreSettings> byName(SectionValues values, String name) {
        Optional<StoreSettings> store = stores.get(name);
        if (store == null) {
            String instead = EditDistance.nearest(name, stores.keySet())
                    .map(near -> "did you mean " + ShownText.key(near) + "?")
                    .orElse(
                            stores.isEmpty()
                                    ? "add stores { NAME { ... } } to the server file"
                                    : "write one of "
                                            + String.join(
                                                    ", ",
                                                    stores.keySet().stream()
                                                            .sorted()
                                                            .toList()));
            log.mistake(values.place(), values.path(), "the server file has no store of this name", instead);
            return Optional.empty();
        }
        return store;
    }
}
