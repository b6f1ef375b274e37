package io.sluice.config.load;

import io.sluice.config.StoreSettings;
import java.nio.file.Path;

/** Values in place of wrong ones while further mistakes are searched; they never leave this package. */
final class StandIns {
    static final StoreSettings STORE = new StoreSettings.File(Path.of("/nonexistent/stand-in"));

    private StandIns() {}
}
