package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.storage.volume.VolumeStatus;
import io.sluice.target.iscsi.session.SessionInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code sluice status} is answered. */
final class StatusReport {
    private StatusReport() {}

    static Map<String, ?> of(List<ServedLun> luns, List<SessionInfo> sessions, long startedMillis) {
        List<Map<String, ?>> lunRows = new ArrayList<>();
        luns.forEach(lun -> lunRows.add(row(lun)));
        List<Map<String, ?>> sessionRows = new ArrayList<>();
        sessions.forEach(session -> sessionRows.add(row(session)));
        return Map.of("startedMillis", startedMillis, "luns", lunRows, "sessions", sessionRows);
    }

    private static Map<String, ?> row(ServedLun lun) {
        LunSettings settings = lun.settings();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("target", settings.targetName());
        row.put("lun", settings.lun());
        row.put("volume", settings.volume().name());
        if (lun.opened() == null) {
            row.put("state", "not served");
            row.put("failure", String.valueOf(lun.failure()));
            return row;
        }
        VolumeStatus status = lun.opened().volume().status();
        row.put("state", status.state());
        row.put("sizeBytes", lun.opened().volume().description().sizeBytes());
        row.put("epoch", lun.opened().volume().description().epoch());
        row.put("encrypted", lun.opened().volume().description().encrypted());
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
        row.put("bytesRead", status.bytesRead());
        row.put("bytesWritten", status.bytesWritten());
        row.put("bytesUploaded", status.bytesUploaded());
        row.put("bytesDownloaded", status.bytesDownloaded());
        row.put("requests", status.requests());
        return row;
    }

    private static Map<String, ?> row(SessionInfo session) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("initiator", session.initiatorName());
        row.put("target", session.targetName());
        row.put("address", session.remoteAddress().toString());
        row.put("isid", Long.toHexString(session.isid()));
        row.put("tsih", session.targetSessionIdentifyingHandle());
        row.put("commandsInFlight", session.commandsInFlight());
        row.put("bytesReceived", session.receivedBytes());
        row.put("bytesSent", session.sentBytes());
        return row;
    }
}
