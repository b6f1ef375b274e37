package io.sluice.storage.simulation;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.volume.VolumePort;

/** What a canary plants: each part of a simulation can be replaced by one with a fault that the checkers must find. */
interface Sabotage {
    /** Nothing is wrong. */
    Sabotage NONE = new Sabotage() {};

    /** The bucket as the network reaches it. */
    default ObjectStore bucket(ObjectStore bucket) {
        return bucket;
    }

    /** A gateway's cache directory. */
    default LocalDisk disk(LocalDisk disk) {
        return disk;
    }

    /** What a gateway sends to the bucket. */
    default ObjectStore client(ObjectStore client) {
        return client;
    }

    /** A way into the volume. */
    default VolumePort port(VolumePort port) {
        return port;
    }
}
