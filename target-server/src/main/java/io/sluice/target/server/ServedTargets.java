package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.manifest.Manifest;
import io.sluice.target.access.AccessPolicy;
import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.session.TargetDirectory;
import io.sluice.target.lun.LogicalUnit;
import io.sluice.target.lun.LogicalUnitIdentity;
import io.sluice.target.lun.LogicalUnitSettings;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.TargetDevice;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The targets with their logical units, made from the LUNs whose volumes are open, and who may log in to them. Thread-safe;
 * the targets never change, the access policy is replaced as a whole.
 */
final class ServedTargets implements TargetDirectory {
    private static final String REVISION = "0.1";

    private final Map<String, TargetDevice> targets = new TreeMap<>();
    private volatile AccessPolicy access;

    ServedTargets(List<ServedLun> luns, AccessPolicy access) {
        this.access = access;
        for (ServedLun lun : luns) {
            OpenedVolume opened = lun.opened();
            TargetDevice target = targets.computeIfAbsent(
                    lun.settings().targetName(), name -> new TargetDevice(name, List.of(IscsiWiring.PORTAL_GROUP)));
            if (opened != null) {
                target.addLogicalUnit(lun.settings().lun(), unit(lun.settings(), opened));
            }
        }
    }

    private static LogicalUnit unit(LunSettings settings, OpenedVolume opened) {
        Manifest manifest = opened.manifest();
        LogicalUnitIdentity identity = LogicalUnitIdentity.stored(
                manifest.volume(),
                manifest.naaIdentifier(),
                manifest.serialNumber(),
                settings.vendor(),
                settings.product(),
                REVISION);
        return new LogicalUnit(opened.volume(), identity, behaviour(settings));
    }

    private static LogicalUnitSettings behaviour(LunSettings settings) {
        LogicalUnitSettings standard = LogicalUnitSettings.DEFAULT;
        return new LogicalUnitSettings(
                settings.readOnly(),
                standard.writeCache(),
                standard.transferBytesMax(),
                settings.physicalBlockBytes() == settings.logicalBlockBytes(),
                standard.ignoresIsidInRegistrations());
    }

    @Override
    public @Nullable ScsiTarget find(String targetName) {
        return targets.get(targetName);
    }

    @Override
    public List<String> visibleTo(String initiatorName, InetAddress address) {
        AccessPolicy present = access;
        return targets.keySet().stream()
                .filter(name -> present.admits(initiatorName, address, name))
                .toList();
    }

    @Override
    public Admission admission(String initiatorName, InetAddress address, String targetName) {
        boolean found = targetName.isEmpty() || targets.containsKey(targetName);
        return found
                ? access.admission(initiatorName, address, targetName)
                : Admission.refused(Admission.Access.NOT_FOUND);
    }

    /** What holds now. */
    AccessPolicy access() {
        return access;
    }

    /** From now on logins are judged by {@code next}; open sessions stay. */
    void replaceAccess(AccessPolicy next) {
        access = next;
    }

    /** The names of all targets, in order. */
    List<String> names() {
        return List.copyOf(targets.keySet());
    }
}
