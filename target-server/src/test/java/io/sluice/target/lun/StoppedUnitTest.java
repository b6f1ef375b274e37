package io.sluice.target.lun;

import io.sluice.target.scsi.SenseCode;
import org.junit.jupiter.api.Test;

/** What a path checker is told of a unit whose volume another gateway owns. */
final class StoppedUnitTest {
    @Test
    void testUnitReadyOfAFencedUnitFailsSoThatThePathIsNotTakenForGood() {
        TestUnit test = new TestUnit();
        test.initiator.send("00 00000000 00").good();
        test.volume.fence();
        test.initiator
                .send("00 00000000 00")
                .sense(SenseCode.LOGICAL_UNIT_NOT_ACCESSIBLE_TARGET_PORT_IN_UNAVAILABLE_STATE);
    }
}
