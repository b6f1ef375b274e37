package io.sluice.target.lun;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The mode pages of a logical unit and their current values, shared by all nexuses (MLUS=1). Thread-safe: the bits that
 * every command asks for are volatile, the pages are behind a lock.
 */
final class ModePages {
    private static final int WCE = 0x04;
    private static final int D_SENSE = 0x04;
    private static final int SWP = 0x08;
    private static final int TAS = 0x40;

    /**
     * 01h: AWRE, ARRE. 03h and 04h: a geometry for old tools (63 sectors, 255 heads). 08h: WCE. 0Ah: GLTSD and D_SENSE;
     * unrestricted reordering; SWP; TAS. 1Ch: DEXCPT.
     */
    private static final List<ModePage> PAGES = List.of(
            ModePage.of(0x01, 0x0A, "02:C0/00", "03:08/00", "08:08/00"),
            ModePage.of(0x03, 0x16, "0B:3F/00", "0F:01/00", "14:40/00"),
            ModePage.of(0x04, 0x16, "03:FF/00", "04:FF/00", "05:FF/00", "14:00/00"),
            ModePage.of(ModePage.CACHING, 0x12, "02:04/04"),
            ModePage.of(ModePage.CONTROL, 0x0A, "02:02/04", "03:10/00", "04:00/08", "05:00/40", "08:FF/00", "09:FF/00"),
            ModePage.of(0x1C, 0x0A, "02:08/00"));

    private final boolean writeCacheAtStart;
    private final Map<Integer, ModePage> pages = new TreeMap<>();
    private final Map<Integer, byte[]> current = new LinkedHashMap<>();
    private volatile boolean writeCache;
    private volatile boolean descriptorSense;
    private volatile boolean softwareWriteProtect;
    private volatile boolean taskAbortedStatus;

    ModePages(boolean writeCacheAtStart) {
        this.writeCacheAtStart = writeCacheAtStart;
        PAGES.forEach(page -> pages.put(page.code(), page));
        reset();
    }

    /** Everything back to the defaults. */
    synchronized void reset() {
        pages.forEach((code, page) -> current.put(code, defaults(page)));
        publish();
    }

    boolean writeCache() {
        return writeCache;
    }

    boolean descriptorSense() {
        return descriptorSense;
    }

    boolean softwareWriteProtect() {
        return softwareWriteProtect;
    }

    boolean taskAbortedStatus() {
        return taskAbortedStatus;
    }

    /** Page codes, ascending. */
    Iterable<Integer> codes() {
        return pages.keySet();
    }

    @Nullable
    ModePage page(int code) {
        return pages.get(code);
    }

    byte[] defaults(ModePage page) {
        byte[] values = page.defaults().clone();
        if (page.code() == ModePage.CACHING && !writeCacheAtStart) {
            values[2] &= ~WCE;
        }
        return values;
    }

    synchronized byte[] current(ModePage page) {
        byte[] values = current.get(page.code());
        return values == null ? defaults(page) : values.clone();
    }

    /** Takes over whole pages, already checked; true when anything is different now. */
    synchronized boolean change(List<byte[]> newPages) {
        boolean changed = false;
        for (byte[] page : newPages) {
            byte[] before = current.put(page[0] & 0x3F, page);
            changed |= !java.util.Arrays.equals(before, page);
        }
        publish();
        return changed;
    }

    private void publish() {
        writeCache = isSet(ModePage.CACHING, 2, WCE);
        descriptorSense = isSet(ModePage.CONTROL, 2, D_SENSE);
        softwareWriteProtect = isSet(ModePage.CONTROL, 4, SWP);
        taskAbortedStatus = isSet(ModePage.CONTROL, 5, TAS);
    }

    private boolean isSet(int code, int at, int mask) {
        byte[] page = current.get(code);
        return page != null && (page[at] & mask) != 0;
    }
}
