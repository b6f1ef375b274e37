package io.sluice.storage.inspection;

import java.io.IOException;

/** A gateway has gone on and removed objects of the state that was read. Nothing is wrong with the volume. */
public final class SupersededViewException extends IOException {
    private static final long serialVersionUID = 1L;

    SupersededViewException(String what) {
        super(what);
    }
}
