package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.manifest.Manifest;
import io.sluice.target.access.AccessPolicy;
import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.session.TargetDirectory;
import io.sluice.target.lun.LogicalUnit;
import io.sluice.target.lun.LogicalUnitIdentity;
import io.sluice.target.lun.LogicalUnitSettings;
import io.sluice.target.lun.VolumeReservations;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TargetPortGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The targets with their logical units, and who may log in to them. Logins look from any thread; changes come from one
 * thread at a time: the start, then reloads.
 *
 * <ol>
 *   <li>Targets and access policy are one immutable state that is replaced as a whole: a login never sees a target by rules
 *       of other files, which might let everybody in.
 *   <li>Before there is a policy nobody finds anything.
 *   <li>A target is found when its first logical unit is in it, and not any more before its last one goes.
 * </ol>
 */
final class ServedTargets implements TargetDirectory {
    private static final String REVISION = "0.1";

    private final ServerSettings settings;
    private volatile State now = new State(Collections.emptySortedMap(), null);

    /** No target yet; of {@code settings} only what needs a restart to change is kept. */
    ServedTargets(ServerSettings settings) {
        this.settings = settings;
    }

    private record State(
            SortedMap<String, TargetDevice> targets,
            @Nullable AccessPolicy access) {
        State {
            targets = Collections.unmodifiableSortedMap(targets);
        }

        boolean admits(String initiatorName, InetAddress address, String targetName) {
            return access != null
                    && targets.containsKey(targetName)
                    && access.admits(initiatorName, address, targetName);
        }
    }

    /** Shows a LUN to hosts; one that is not open gets its target nevertheless. */
    ServedLun show(ServedLun lun) {
        State before = now;
        LunSettings settings = lun.settings();
        TargetDevice known = before.targets.get(settings.targetName());
        TargetDevice target = known == null ? newTarget(settings.targetName()) : known;
        OpenedVolume opened = lun.opened();
        ServedLun shown = lun;
        if (opened != null) {
            LogicalUnit unit = unit(settings, opened);
            target.addLogicalUnit(settings.lun(), unit);
            shown = lun.shownAs(new ServedLun.Shown(target, unit));
        }
        if (known == null) {
            SortedMap<String, TargetDevice> more = new TreeMap<>(before.targets);
            more.put(settings.targetName(), target);
            now = new State(more, before.access);
        }
        return shown;
    }

    /**
     * From now on logins are judged by {@code next}, and find no other targets than {@code remaining}; who is logged in
     * stays.
     */
    void replaceAccess(AccessPolicy next, Predicate<String> remaining) {
        SortedMap<String, TargetDevice> targets = new TreeMap<>(now.targets);
        targets.keySet().removeIf(remaining.negate());
        now = new State(targets, next);
    }

    private TargetDevice newTarget(String name) {
        return new TargetDevice(
                name, new TargetPortGroups(IscsiWiring.accessStates(settings.portalGroups(), name), false));
    }

    /** {@link VolumeOpening} has made sure that the volume's reservations can be read. */
    private LogicalUnit unit(LunSettings lun, OpenedVolume opened) {
        try {
            return new LogicalUnit(
                    opened.volume(), identity(lun, opened), behaviour(lun), VolumeReservations.of(opened.volume()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Who the logical unit is: what lasts for ever comes with the volume, the rest from the settings. */
    static LogicalUnitIdentity identity(LunSettings settings, OpenedVolume opened) {
        Manifest manifest = opened.manifest();
        return LogicalUnitIdentity.stored(
                manifest.volume(),
                manifest.naaIdentifier(),
                manifest.serialNumber(),
                settings.vendor(),
                settings.product(),
                REVISION);
    }

    /** How the logical unit behaves. */
    LogicalUnitSettings behaviour(LunSettings lun) {
        LogicalUnitSettings standard = LogicalUnitSettings.DEFAULT;
        return new LogicalUnitSettings(
                lun.readOnly(),
                standard.writeCache(),
                standard.transferBytesMax(),
                lun.physicalBlockBytes() == lun.logicalBlockBytes(),
                settings.target(lun.targetName()).ignoresIsidInReservations());
    }

    @Override
    public @Nullable ScsiTarget find(String targetName) {
        return now.targets.get(targetName);
    }

    @Override
    public List<String> visibleTo(String initiatorName, InetAddress address) {
        State present = now;
        return present.targets.keySet().stream()
                .filter(name -> present.admits(initiatorName, address, name))
                .toList();
    }

    @Override
    public Admission admission(String initiatorName, InetAddress address, String targetName) {
        State present = now;
        boolean found = targetName.isEmpty() || present.targets.containsKey(targetName);
        return found && present.access != null
                ? present.access.admission(initiatorName, address, targetName)
                : Admission.refused(Admission.Access.NOT_FOUND);
    }

    @Override
    public boolean admits(String initiatorName, InetAddress address, String targetName) {
        return now.admits(initiatorName, address, targetName);
    }

    /** The rules of each target and, under "", of discovery, in words. */
    SortedMap<String, String> describeAccess() {
        State present = now;
        SortedMap<String, String> rules = new TreeMap<>();
        if (present.access != null) {
            rules.put("", present.access.describe(""));
            for (String name : present.targets.keySet()) {
                rules.put(name, present.access.describe(name));
            }
        }
        return rules;
    }

    /** The names of all targets. */
    Set<String> names() {
        return now.targets.keySet();
    }
}
