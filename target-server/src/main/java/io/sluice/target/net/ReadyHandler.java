package io.sluice.target.net;

import java.io.IOException;
import java.nio.channels.SelectionKey;

/** What a selection key is attached to. */
interface ReadyHandler {
    /** The channel can do something that it is interested in. An exception closes it. */
    void ready(SelectionKey key) throws IOException;

    /** {@link #ready} threw. */
    void failed(Throwable failure);
}
