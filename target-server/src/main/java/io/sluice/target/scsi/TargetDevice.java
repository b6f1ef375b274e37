package io.sluice.target.scsi;

import io.sluice.storage.runtime.Invariant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A SCSI target device: its logical units and its nexuses (SAM-5 section 4.5.14). Thread-safe.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The inventory is copied when it changes: a command looks its unit up without a lock.
 *   <li>When the inventory changes, every nexus learns it at every unit it knows (3F/0E), and every initiator at once by
 *       an asynchronous event.
 *   <li>The portal group tags never change, only the access states behind them (2A/06).
 * </ol>
 */
public final class TargetDevice implements ScsiTarget {
    private static final int REMEMBERED_NEXUSES_MAX = 4096;

    private final String name;
    private final Set<NexusImpl> nexuses = ConcurrentHashMap.newKeySet();
    private final Map<NexusIdentity, Boolean> lostNexuses = new LinkedHashMap<>();
    private volatile TargetPortGroups portGroups;
    private volatile @Nullable DeviceServer[] units = new @Nullable DeviceServer[0];

    /**
     * A target without logical units.
     *
     * @param name the iSCSI name
     * @param portalGroupTags of all its target ports, all active/optimized
     */
    public TargetDevice(String name, List<Integer> portalGroupTags) {
        this(name, TargetPortGroups.optimized(portalGroupTags));
    }

    /** A target without logical units whose target port groups have these states. */
    public TargetDevice(String name, TargetPortGroups portGroups) {
        this.name = name;
        this.portGroups = portGroups;
    }

    @Override
    public String name() {
        return name;
    }

    /** Of all its target ports, ascending; each is the relative port identifier and the target port group. */
    public List<Integer> portalGroupTags() {
        return portGroups.tags();
    }

    /** The target port groups now. */
    public TargetPortGroups portGroups() {
        return portGroups;
    }

    /**
     * Gives the target port groups other states; every nexus learns it at every unit (2A/06) when one is different. The
     * groups themselves stay.
     */
    public void accessStates(Map<Integer, AccessState> states) {
        synchronized (nexuses) {
            TargetPortGroups before = portGroups;
            TargetPortGroups after = new TargetPortGroups(states, true);
            Invariant.check(
                    after.states().keySet().equals(before.states().keySet()), "the target port groups stay the same");
            if (after.states().equals(before.states())) {
                return;
            }
            portGroups = after;
        }
        raise(SenseCode.ASYMMETRIC_ACCESS_STATE_CHANGED);
    }

    @Override
    public Nexus open(NexusIdentity identity, NexusTransport transport) {
        NexusImpl nexus = new NexusImpl(this, identity, transport, firstAttention(identity));
        nexuses.add(nexus);
        return nexus;
    }

    private SenseCode firstAttention(NexusIdentity identity) {
        synchronized (lostNexuses) {
            return lostNexuses.remove(identity) == null
                    ? SenseCode.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED
                    : SenseCode.I_T_NEXUS_LOSS_OCCURRED;
        }
    }

    void closed(NexusImpl nexus) {
        nexuses.remove(nexus);
        if (nexus.isHardReset()) {
            return;
        }
        synchronized (lostNexuses) {
            lostNexuses.put(nexus.identity(), Boolean.TRUE);
            if (lostNexuses.size() > REMEMBERED_NEXUSES_MAX) {
                lostNexuses.remove(lostNexuses.keySet().iterator().next());
            }
        }
    }

    /** TARGET COLD RESET: the transport ends all sessions, and what they knew is forgotten. */
    void hardReset() {
        nexuses.forEach(NexusImpl::hardReset);
        synchronized (lostNexuses) {
            lostNexuses.clear();
        }
    }

    /** The nexuses that are open now. */
    public List<NexusIdentity> openNexuses() {
        return nexuses.stream().map(NexusImpl::identity).toList();
    }

    /** Adds a logical unit under a LUN that is free. */
    public void addLogicalUnit(int lun, DeviceServer unit) {
        synchronized (nexuses) {
            Invariant.check(lun >= 0 && lun < LunField.LUNS_MAX, "LUN out of range", lun, LunField.LUNS_MAX);
            Invariant.check(unit(lun) == null, "LUN is taken: " + lun);
            replace(lun, unit);
        }
        raiseInventoryChanged();
    }

    /**
     * Takes a logical unit out of the inventory. The future completes when its tasks are quiet: then its volume can be
     * closed.
     */
    public CompletableFuture<Void> removeLogicalUnit(int lun) {
        DeviceServer removed;
        synchronized (nexuses) {
            removed = unit(lun);
            if (removed == null) {
                return CompletableFuture.completedFuture(null);
            }
            replace(lun, null);
        }
        raiseInventoryChanged();
        CompletableFuture<Void> quiet = new CompletableFuture<>();
        removed.removed(() -> quiet.complete(null));
        for (NexusImpl nexus : nexuses) {
            nexus.onLoop(nexus::dropRemovedUnits);
        }
        return quiet;
    }

    private void replace(int lun, @Nullable DeviceServer unit) {
        @Nullable DeviceServer[] before = units;
        @Nullable DeviceServer[] after = java.util.Arrays.copyOf(before, Math.max(before.length, lun + 1));
        after[lun] = unit;
        units = after;
    }

    private void raiseInventoryChanged() {
        raise(SenseCode.REPORTED_LUNS_DATA_HAS_CHANGED);
        nexuses.forEach(nexus -> nexus.report(SenseCode.REPORTED_LUNS_DATA_HAS_CHANGED));
    }

    private void raise(SenseCode condition) {
        for (DeviceServer unit : units) {
            if (unit != null) {
                unit.raise(condition);
            }
        }
    }

    /** The logical unit, null when there is none (also for -1). */
    public @Nullable DeviceServer unit(int lun) {
        @Nullable DeviceServer[] inventory = units;
        return lun >= 0 && lun < inventory.length ? inventory[lun] : null;
    }

    /** The LUNs in use, ascending. */
    public int[] luns() {
        @Nullable DeviceServer[] inventory = units;
        return IntStream.range(0, inventory.length)
                .filter(lun -> inventory[lun] != null)
                .toArray();
    }
}
