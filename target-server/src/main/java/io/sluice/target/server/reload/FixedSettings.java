package io.sluice.target.server.reload;

import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.config.VolumeSettings;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** What a running server, and an open volume, cannot change. */
final class FixedSettings {
    /** Of the server. */
    static final List<Setting<ServerSettings>> SERVER = List.of(
            Setting.of("portals", ServerSettings::portals),
            Setting.of("advertise", ServerSettings::advertised),
            Setting.of("admin-socket", ServerSettings::adminSocket),
            Setting.of("data-directory", ServerSettings::dataDirectory),
            Setting.of("event-loops", ServerSettings::eventLoops),
            Setting.of("busy-poll-max", ServerSettings::busyPollMax),
            Setting.of("portal-groups", ServerSettings::portalGroups),
            Setting.of("session-times", ServerSettings::sessionTimes),
            Setting.of("targets.ignore-isid-in-reservations", FixedSettings::targetsIgnoringIsid),
            Setting.unshown("limits", ServerSettings::limits));

    /** Of a LUN whose volume is open. A passphrase's source is not among them: it is read when a volume is opened. */
    static final List<Setting<LunSettings>> LUN = List.of(
            Setting.of("block-size", LunSettings::logicalBlockBytes),
            Setting.of("physical-block-size", LunSettings::physicalBlockBytes),
            ofVolume("cache-directory", VolumeSettings::cacheDirectory),
            Setting.unshown("store", lun -> lun.volume().store()),
            ofVolume("encryption", volume -> volume.encryption().isPresent() ? "with a passphrase" : "none"),
            ofVolume("compression", VolumeSettings::compressionLevel),
            ofVolume("durability", VolumeSettings::durability),
            ofVolume("journal.capacity", volume -> volume.journal().capacity()),
            ofVolume("journal.file-size", volume -> volume.journal().fileSize()),
            ofVolume("journal.full-timeout", volume -> volume.journal().fullTimeout()),
            ofVolume("flush.max-age", volume -> volume.flush().maxAge()),
            ofVolume("flush.max-bytes", volume -> volume.flush().maxBytes()),
            ofVolume("flush.segment-size", volume -> volume.flush().segmentSize()),
            ofVolume("flush.uploads", volume -> volume.flush().uploads()),
            ofVolume("flush.drain-timeout", volume -> volume.flush().drainTimeout()),
            ofVolume("read-cache.capacity", volume -> volume.readCache().capacity()),
            ofVolume("read-cache.read-ahead", volume -> volume.readCache().readAhead()),
            ofVolume("index.memory", volume -> volume.index().memory()),
            ofVolume("checkpoint.interval", volume -> volume.checkpoint().interval()),
            ofVolume("checkpoint.segments", volume -> volume.checkpoint().segments()),
            ofVolume("gc.space-amplification", volume -> volume.collector().spaceAmplification()),
            ofVolume("gc.bandwidth-per-second", volume -> volume.collector().bandwidth()),
            ofVolume("gc.requests-per-second", volume -> volume.collector().requests()),
            ofVolume("gc.host-wait-max", volume -> volume.collector().hostWaitMax()),
            ofVolume("fencing", VolumeSettings::fencing),
            ofVolume("takeover", VolumeSettings::takeover),
            ofVolume("read-wait", VolumeSettings::readWait));

    /** What hosts are told of a LUN; can be changed at any time. */
    static final List<Setting<LunSettings>> PRESENTATION = List.of(
            Setting.of("read-only", LunSettings::readOnly),
            Setting.of("vendor", LunSettings::vendor),
            Setting.of("product", LunSettings::product));

    private FixedSettings() {}

    private static Set<String> targetsIgnoringIsid(ServerSettings server) {
        Set<String> names = new TreeSet<>(server.targets().keySet());
        names.removeIf(name -> !server.target(name).ignoresIsidInReservations());
        return names;
    }

    private static Setting<LunSettings> ofVolume(String name, Function<VolumeSettings, ?> value) {
        return Setting.of(name, lun -> value.apply(lun.volume()));
    }
}
