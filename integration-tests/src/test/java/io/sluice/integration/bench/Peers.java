package io.sluice.integration.bench;

import java.util.List;

/** Every peer there is, in the order of their turns. */
final class Peers {
    private Peers() {}

    static List<Peer> all() {
        return List.of(SluicePeer.standard(), SluicePeer.withIdleFlush(), TgtPeer.onFiles(), TgtPeer.onNothing());
    }
}
