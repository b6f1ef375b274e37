package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.volume.VolumeDescription;
import io.sluice.storage.volume.VolumeStatus;
import io.sluice.target.cli.VersionProvider;
import io.sluice.target.iscsi.session.SessionInfo;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code sluice status} is answered. */
final class StatusReport {
    private StatusReport() {}

    static Map<String, ?> of(String state, long startedMillis, List<ServedLun> luns, List<SessionInfo> sessions) {
        List<Map<String, ?>> lunRows = new ArrayList<>();
        luns.forEach(lun -> lunRows.add(row(lun)));
        List<Map<String, ?>> sessionRows = new ArrayList<>();
        sessions.forEach(session -> sessionRows.add(row(session)));
        return Map.of(
                "version", VersionProvider.sluice(),
                "process", ProcessHandle.current().pid(),
                "state", state,
                "startedMillis", startedMillis,
                "luns", lunRows,
                "sessions", sessionRows);
    }

    /** {@code 127.0.0.1:3260} or {@code [::1]:3260}. */
    static String text(InetSocketAddress address) {
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static Map<String, ?> row(ServedLun lun) {
        LunSettings settings = lun.settings();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("target", settings.targetName());
        row.put("lun", settings.lun());
        row.put("volume", settings.volume().name());
        String failure = lun.failure();
        OpenedVolume opened = lun.opened();
        if (failure != null) {
            row.put("state", "not served");
            row.put("failure", failure);
        } else if (opened == null) {
            row.put("state", "opening");
        } else {
            addFigures(row, opened.volume().description(), opened.volume().status());
        }
        return row;
    }

    private static void addFigures(Map<String, Object> row, VolumeDescription description, VolumeStatus status) {
        row.put("state", status.state());
        row.put("sizeBytes", description.sizeBytes());
        row.put("epoch", description.epoch());
        row.put("encrypted", description.encrypted());
        row.put("journalCapacityBytes", status.journalCapacityBytes());
        row.put("journalUsedBytes", status.journalUsedBytes());
        row.put("dirtyBytes", status.dirtyBytes());
        row.put("dirtyAgeMillis", status.dirtyAgeMillis());
        row.put("cacheCapacityBytes", status.cacheCapacityBytes());
        row.put("cacheUsedBytes", status.cacheUsedBytes());
        row.put("cacheHits", status.cacheHits());
        row.put("cacheMisses", status.cacheMisses());
        row.put("lastCommittedSequence", status.lastCommittedSequence());
        row.put("lastCommittedSegment", status.lastCommittedSegment());
        row.put("mappedBytes", status.mappedBytes());
        row.put("bytesRead", status.bytesRead());
        row.put("bytesWritten", status.bytesWritten());
        row.put("bytesUploaded", status.bytesUploaded());
        row.put("bytesDownloaded", status.bytesDownloaded());
        row.put("requests", status.requests());
        row.put("space", space(status.space()));
    }

    private static Map<String, ?> space(VolumeStatus.Space space) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("storedBytes", space.storedBytes());
        row.put("liveBytes", space.liveBytes());
        row.put("amplification", Math.round(space.amplification() * 1000) / 1000.0);
        row.put("collector", space.collector());
        row.put("reason", space.reason());
        row.put("movedSegments", space.movedSegments());
        row.put("movedBytes", space.movedBytes());
        row.put("deletedSegments", space.deletedSegments());
        row.put("deletedOrphans", space.deletedOrphans());
        row.put("damagedSegments", space.damagedSegments());
        return row;
    }

    private static Map<String, ?> row(SessionInfo session) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("initiator", session.initiatorName());
        row.put("target", session.targetName());
        row.put("address", text(session.remoteAddress()));
        row.put("isid", Long.toHexString(session.isid()));
        row.put("tsih", session.targetSessionIdentifyingHandle());
        row.put("commandsInFlight", session.commandsInFlight());
        row.put("bytesReceived", session.receivedBytes());
        row.put("bytesSent", session.sentBytes());
        row.put("since", session.since().toString());
        return row;
    }
}
