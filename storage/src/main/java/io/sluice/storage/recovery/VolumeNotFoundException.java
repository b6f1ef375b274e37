package io.sluice.storage.recovery;

import java.io.IOException;

/** The store holds no volume of that name. */
public final class VolumeNotFoundException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Names volume and store. */
    public VolumeNotFoundException(String volume, String store) {
        super("there is no volume \"" + volume + "\" in " + store
                + "; create it with \"sluice volume create\", or check the store's settings");
    }
}
