package io.sluice.config.load;

import io.sluice.config.ServerSettings;
import io.sluice.config.StoreSettings;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.Node.Table;
import java.util.Map;
import java.util.Optional;

/**
 * The server's settings beside what else its file says.
 *
 * @param stores by name; empty for one that is given but wrong
 * @param defaults for LUNs
 */
record ServerDraft(
        ServerSettings settings,
        SectionValues values,
        Map<String, Optional<StoreSettings>> stores,
        Optional<Table> defaults) {}
