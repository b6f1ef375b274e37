package io.sluice.target.lun;

import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.Volume;
import io.sluice.target.scsi.ReservationState;
import io.sluice.target.scsi.ReservationStateCodec;
import io.sluice.target.scsi.ReservationStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Persistent reservations with the volume: they survive restart and loss of the local disk, and go with the volume to
 * another gateway. Nothing is stored of a state without APTPL.
 */
public final class VolumeReservations implements ReservationStore {
    private final Volume volume;
    private final ReservationState found;

    private VolumeReservations(Volume volume, ReservationState found) {
        this.volume = volume;
        this.found = found;
    }

    /**
     * Reads what the volume has.
     *
     * @throws IOException when it is damaged or of a newer version: who holds the unit is not known, so it must not be
     *     served
     */
    public static VolumeReservations of(Volume volume) throws IOException {
        ByteBuffer stored = volume.reservations();
        if (!stored.hasRemaining()) {
            return new VolumeReservations(volume, ReservationState.NONE);
        }
        byte[] bytes = new byte[stored.remaining()];
        stored.get(bytes);
        return new VolumeReservations(volume, ReservationStateCodec.decode(bytes));
    }

    @Override
    public boolean isDurable() {
        return true;
    }

    @Override
    public ReservationState load() {
        return found;
    }

    @Override
    public void save(ReservationState state, IoCompletion done) {
        byte[] bytes = state.throughPowerLoss() ? ReservationStateCodec.encode(state) : new byte[0];
        volume.storeReservations(ByteBuffer.wrap(bytes), done);
    }
}
