package io.sluice.integration.bench;

import java.util.ArrayList;
import java.util.List;

/** Every peer there is, in the order of their turns. */
final class Peers {
    private Peers() {}

    static List<Peer> all() {
        List<Peer> all = new ArrayList<>(
                List.of(SluicePeer.standard(), SluicePeer.withIdleFlush(), TgtPeer.onFiles(), TgtPeer.onNothing()));
        all.addAll(S3backerPeer.all());
        all.add(JscsiPeer.installed());
        return List.copyOf(all);
    }
}
