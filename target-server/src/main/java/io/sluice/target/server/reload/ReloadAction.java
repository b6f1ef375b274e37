package io.sluice.target.server.reload;

import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;

/** One step from the running configuration to that of the files. Carried out in the order of the list that holds them. */
public sealed interface ReloadAction {
    /** One phrase for operators and logs. */
    String text();

    /** Level and format of the log. */
    record ChangeLog(ServerSettings.Log log) implements ReloadAction {
        @Override
        public String text() {
            return "log: level " + log.level() + ", format " + log.format();
        }
    }

    /** Who may use which target, and with which secret; {@code what} names it. */
    record ChangeAccess(String what) implements ReloadAction {
        @Override
        public String text() {
            return "access: " + what;
        }
    }

    /** A target without LUNs goes; its sessions end. Stands before the removal of its LUNs. */
    record RemoveTarget(String targetName) implements ReloadAction {
        @Override
        public String text() {
            return targetName + ": target removed";
        }
    }

    /** A LUN goes. */
    record RemoveLun(LunSettings lun) implements ReloadAction {
        @Override
        public String text() {
            return name(lun) + ": removed";
        }
    }

    /** A LUN comes, or one that could not be opened is tried again. */
    record AddLun(LunSettings lun) implements ReloadAction {
        @Override
        public String text() {
            return name(lun) + ": added";
        }
    }

    /** A LUN gets larger. */
    record GrowLun(LunSettings lun, long sizeBytesBefore) implements ReloadAction {
        @Override
        public String text() {
            return name(lun) + ": grown from " + new io.sluice.config.ByteSize(sizeBytesBefore) + " to " + lun.size();
        }
    }

    /** A LUN looks different: read-only, vendor, product. */
    record PresentLun(LunSettings lun, String what) implements ReloadAction {
        @Override
        public String text() {
            return name(lun) + ": " + what;
        }
    }

    /** "iqn... LUN 0 (volume disk)". */
    static String name(LunSettings lun) {
        return lun.targetName() + " LUN " + lun.lun() + " (volume "
                + lun.volume().name() + ")";
    }
}
