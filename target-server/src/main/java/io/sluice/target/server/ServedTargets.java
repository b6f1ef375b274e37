package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.manifest.Manifest;
import io.sluice.target.iscsi.session.TargetDirectory;
import io.sluice.target.lun.LogicalUnit;
import io.sluice.target.lun.LogicalUnitIdentity;
import io.sluice.target.lun.LogicalUnitSettings;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.TargetDevice;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The targets with their logical units. Logins look from any thread; changes come from one thread at a time: the start,
 * then reloads.
 *
 * <ol>
 *   <li>The map is never changed but replaced: a login sees a change as a whole or not at all.
 *   <li>A target is found when its first logical unit is in it, and not any more before its last one goes.
 * </ol>
 */
final class ServedTargets implements TargetDirectory {
    private static final String REVISION = "0.1";

    private volatile SortedMap<String, TargetDevice> targets = Collections.emptySortedMap();

    /** Shows a LUN to hosts; one that is not open gets its target nevertheless. */
    ServedLun show(ServedLun lun) {
        LunSettings settings = lun.settings();
        TargetDevice known = targets.get(settings.targetName());
        TargetDevice target = known == null ? newTarget(settings.targetName()) : known;
        OpenedVolume opened = lun.opened();
        ServedLun shown = lun;
        if (opened != null) {
            LogicalUnit unit = unit(settings, opened);
            target.addLogicalUnit(settings.lun(), unit);
            shown = lun.shownAs(new ServedLun.Shown(target, unit));
        }
        if (known == null) {
            SortedMap<String, TargetDevice> more = new TreeMap<>(targets);
            more.put(settings.targetName(), target);
            targets = Collections.unmodifiableSortedMap(more);
        }
        return shown;
    }

    /** Nobody finds the target any more; who is logged in stays. */
    void hide(String targetName) {
        SortedMap<String, TargetDevice> fewer = new TreeMap<>(targets);
        fewer.remove(targetName);
        targets = Collections.unmodifiableSortedMap(fewer);
    }

    private static TargetDevice newTarget(String name) {
        return new TargetDevice(name, List.of(IscsiWiring.PORTAL_GROUP));
    }

    private static LogicalUnit unit(LunSettings settings, OpenedVolume opened) {
        return new LogicalUnit(opened.volume(), identity(settings, opened), behaviour(settings));
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
    static LogicalUnitSettings behaviour(LunSettings settings) {
        return settings.readOnly() ? LogicalUnitSettings.DEFAULT.asReadOnly() : LogicalUnitSettings.DEFAULT;
    }

    @Override
    public @Nullable ScsiTarget find(String targetName) {
        return targets.get(targetName);
    }

    @Override
    public List<String> visibleTo(String initiatorName) {
        Map<String, TargetDevice> now = targets;
        return List.copyOf(now.keySet());
    }
}
