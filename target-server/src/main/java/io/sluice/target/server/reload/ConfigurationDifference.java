package io.sluice.target.server.reload;

import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.config.SluiceConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is different between a running server and its files, as data: touches nothing.
 *
 * <p>A LUN is the same one when target, number and volume are the same; otherwise the old one goes and a new one comes.
 * The order of the actions: access first, so that nothing is shown to somebody who may not see it any more; what goes
 * before what comes, so that a volume can move to another number or target; of what goes, the targets first, so that
 * hosts log out while their disks are still there.
 */
public final class ConfigurationDifference {
    private final ServerSettings before;
    private final List<RunningLun> running;
    private final SluiceConfiguration files;
    private final List<ReloadAction> actions = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();

    private ConfigurationDifference(ServerSettings before, List<RunningLun> running, SluiceConfiguration files) {
        this.before = before;
        this.running = running;
        this.files = files;
    }

    /** From a server that runs with {@code before} and {@code running} to what {@code files} say. */
    public static ReloadPlan of(ServerSettings before, List<RunningLun> running, SluiceConfiguration files) {
        ConfigurationDifference difference = new ConfigurationDifference(before, running, files);
        difference.server();
        difference.goings();
        difference.staying();
        difference.comings();
        return new ReloadPlan(difference.actions, difference.refusals);
    }

    private void server() {
        for (String change : Setting.differences(FixedSettings.SERVER, before, files.server())) {
            refusals.add(change + " can only be changed by a restart of the server");
        }
        if (!before.log().equals(files.server().log())) {
            actions.add(new ReloadAction.ChangeLog(files.server().log()));
        }
        access();
    }

    private void access() {
        if (!before.discovery().equals(files.server().discovery())) {
            actions.add(new ReloadAction.ChangeAccess("settings of discovery"));
        }
        Set<String> names = new TreeSet<>(before.targets().keySet());
        names.addAll(files.server().targets().keySet());
        names.removeIf(name -> Optional.ofNullable(before.targets().get(name))
                .equals(Optional.ofNullable(files.server().targets().get(name))));
        for (String name : names) {
            actions.add(new ReloadAction.ChangeAccess("settings of target " + name));
        }
    }

    private void goings() {
        Set<String> targets = Set.copyOf(files.targetNames());
        running.stream()
                .map(lun -> lun.settings().targetName())
                .distinct()
                .filter(name -> !targets.contains(name))
                .forEach(name -> actions.add(new ReloadAction.RemoveTarget(name)));
        for (RunningLun lun : running) {
            if (files.luns().stream().noneMatch(lun::isSameAs)) {
                actions.add(new ReloadAction.RemoveLun(lun.settings()));
            }
        }
    }

    private void staying() {
        for (LunSettings wanted : files.luns()) {
            runningAs(wanted).filter(RunningLun::open).ifPresent(lun -> staying(lun, wanted));
        }
    }

    private Optional<RunningLun> runningAs(LunSettings wanted) {
        return running.stream().filter(lun -> lun.isSameAs(wanted)).findFirst();
    }

    private void staying(RunningLun lun, LunSettings wanted) {
        for (String change : Setting.differences(FixedSettings.LUN, lun.settings(), wanted)) {
            refusals.add(ReloadAction.name(wanted) + ": " + change
                    + " can only be changed while the volume is not open: restart the server, or remove the LUN, reload,"
                    + " and add it again");
        }
        List<String> looks = Setting.differences(FixedSettings.PRESENTATION, lun.settings(), wanted);
        if (!looks.isEmpty()) {
            actions.add(new ReloadAction.PresentLun(wanted, looks.stream().collect(Collectors.joining(", "))));
        }
        long wantedBytes = wanted.size().bytes();
        if (wantedBytes < lun.sizeBytes()) {
            refusals.add(ReloadAction.name(wanted) + ": has " + new ByteSize(lun.sizeBytes())
                    + " and cannot become smaller (" + wanted.size() + "): data could be lost; write the size it has");
        } else if (wantedBytes > lun.sizeBytes()) {
            actions.add(new ReloadAction.GrowLun(wanted, lun.sizeBytes()));
        }
    }

    private void comings() {
        for (LunSettings wanted : files.luns()) {
            if (runningAs(wanted).filter(RunningLun::open).isEmpty()) {
                actions.add(new ReloadAction.AddLun(wanted));
            }
        }
    }
}
