package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.storage.runtime.Entropy;
import io.sluice.target.access.AccessPolicy;
import io.sluice.target.iscsi.IscsiServer;
import io.sluice.target.iscsi.session.SessionInfo;
import io.sluice.target.server.reload.RunningLun;
import io.sluice.target.server.reload.RunningServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** The serving server, as reloads change it: LUNs and sessions. One thread at a time. */
final class LiveServer implements RunningServer {
    private final ServedLuns luns;
    private final IscsiServer iscsi;
    private final Entropy entropy;
    private ServerSettings settings;

    LiveServer(ServerSettings settings, ServedLuns luns, IscsiServer iscsi, Entropy entropy) {
        this.entropy = entropy;
        this.settings = settings;
        this.luns = luns;
        this.iscsi = iscsi;
    }

    @Override
    public ServerSettings settings() {
        return settings;
    }

    @Override
    public List<RunningLun> luns() {
        return luns.all().stream()
                .map(lun -> new RunningLun(lun.settings(), lun.isServing(), lun.sizeBytes()))
                .toList();
    }

    @Override
    public void changeLog(ServerSettings.Log log) {
        LogSetup.forServer(log);
    }

    @Override
    public String changeAccess(SluiceConfiguration files) throws IOException {
        Set<String> remaining = Set.copyOf(files.targetNames());
        luns.targets().replaceAccess(AccessPolicy.read(files.server(), entropy), remaining::contains);
        return "";
    }

    @Override
    public String endForbiddenSessions() throws InterruptedException {
        int ended =
                iscsi.endSessions(this::isForbidden, "the initiator may not use the target any more", logoutGrace());
        return ended == 0 ? "" : ended + (ended == 1 ? " session" : " sessions") + " ended: not allowed any more";
    }

    private boolean isForbidden(SessionInfo session) {
        return luns.targets().find(session.targetName()) != null
                && !luns.targets()
                        .admits(session.initiatorName(), session.remoteAddress().getAddress(), session.targetName());
    }

    private Duration logoutGrace() {
        return settings.sessionTimes().logoutGrace();
    }

    @Override
    public String removeTarget(String targetName) throws InterruptedException {
        int ended = iscsi.endSessions(
                session -> session.targetName().equals(targetName), "the target was removed", logoutGrace());
        return ended == 0 ? "" : ended + (ended == 1 ? " session" : " sessions") + " ended";
    }

    @Override
    public String removeLun(LunSettings lun) throws IOException, InterruptedException {
        return luns.remove(lun);
    }

    @Override
    public String addLun(LunSettings lun) throws IOException, InterruptedException {
        luns.add(lun);
        return "";
    }

    @Override
    public String growLun(LunSettings lun) throws IOException, InterruptedException {
        luns.grow(lun);
        return "";
    }

    @Override
    public void presentLun(LunSettings lun) {
        luns.present(lun);
    }

    @Override
    public void adopt(SluiceConfiguration files) {
        settings = files.server();
        luns.adopt(files.luns());
    }
}
