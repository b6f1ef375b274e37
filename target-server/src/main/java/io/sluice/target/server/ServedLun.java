package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.target.lun.LogicalUnit;
import io.sluice.target.scsi.TargetDevice;
import org.jspecify.annotations.Nullable;

/**
 * One configured LUN: its volume is open, or it says why not, or neither is known yet. A LUN that cannot be opened never
 * keeps the others from serving.
 *
 * @param opened null when opening failed, or is not over
 * @param failure for the operator; null when it is open, or opening is not over
 * @param shown what hosts see; null until they see it
 */
record ServedLun(
        LunSettings settings,
        @Nullable OpenedVolume opened,
        @Nullable String failure,
        @Nullable Shown shown) {

    /** A logical unit in its target. */
    record Shown(TargetDevice target, LogicalUnit unit) {}

    static ServedLun notYetOpen(LunSettings settings) {
        return new ServedLun(settings, null, null, null);
    }

    static ServedLun open(LunSettings settings, OpenedVolume opened) {
        return new ServedLun(settings, opened, null, null);
    }

    static ServedLun failed(LunSettings settings, String failure) {
        return new ServedLun(settings, null, failure, null);
    }

    ServedLun shownAs(Shown unit) {
        return new ServedLun(settings, opened, failure, unit);
    }

    /** The same LUN as later files tell it. */
    ServedLun withSettings(LunSettings newer) {
        return new ServedLun(newer, opened, failure, shown);
    }

    boolean isOpen() {
        return opened != null;
    }

    /** Open, and neither fenced nor failed. */
    boolean isServing() {
        return opened != null && opened.volume().stopReason() == null;
    }

    /** Of the volume now; 0 when it is not open. */
    long sizeBytes() {
        return opened == null ? 0 : opened.volume().description().sizeBytes();
    }

    boolean isAt(String targetName, int lun) {
        return settings.targetName().equals(targetName) && settings.lun() == lun;
    }
}
