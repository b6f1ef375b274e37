package io.sluice.target.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.scsi.LunField;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.NexusTransport;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.ScsiTask;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A fuzzer that finds nothing is worth something only if it finds what was put there. */
final class FuzzCanaryTest {
    private static final Duration TIME = Duration.ofSeconds(40);
    private static final int CASES_MAX = 2_000;

    /** What is wrong with a target. */
    private enum Fault {
        THROWS,
        FORGETS,
        WRITES_ELSEWHERE
    }

    @Test
    void findsACommandThatThrows() throws Exception {
        String what = found(Fault.THROWS);
        assertTrue(what.contains("expected by the test") || what.contains("internal target failure"), what);
    }

    @Test
    void findsANexusThatIsNeverClosed() throws Exception {
        String what = found(Fault.FORGETS);
        assertTrue(what.contains("left behind: nexuses"), what);
    }

    @Test
    void findsAWriteThatHitsTheBlocksOfAnother() throws Exception {
        String what = found(Fault.WRITES_ELSEWHERE);
        assertTrue(what.contains("WRONG DATA"), what);
    }

    private static String found(Fault fault) throws IOException, InterruptedException {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        FuzzCampaign campaign = new FuzzCampaign(seed, target -> new FaultyTarget(target, fault));
        Optional<String> complaint = campaign.firstComplaint(TIME, CASES_MAX);
        assertTrue(complaint.isPresent(), "seed " + seed + ": not found in " + campaign.cases() + " cases");
        return complaint.get();
    }

    /** A target with one fault that only attackers meet. */
    private record FaultyTarget(ScsiTarget target, Fault fault) implements ScsiTarget {
        @Override
        public String name() {
            return target.name();
        }

        @Override
        public Nexus open(NexusIdentity identity, NexusTransport transport) {
            Nexus nexus = target.open(identity, transport);
            return identity.initiatorName().startsWith(GuardedTarget.WITNESS) ? nexus : new FaultyNexus(nexus, fault);
        }
    }

    /** Its nexus. */
    private static final class FaultyNexus implements Nexus {
        private static final int WRITE_10 = 0x2a;
        private static final int VERIFY_10 = 0x2f;
        private static final int UNMAP = 0x42;

        private final Nexus nexus;
        private final Fault fault;
        private boolean verified;

        FaultyNexus(Nexus nexus, Fault fault) {
            this.nexus = nexus;
            this.fault = fault;
        }

        @Override
        public void plan(ScsiTask task) {
            nexus.plan(task);
            int opcode = task.cdb()[0] & 0xff;
            boolean shared = LunField.decode(task.lun()) == GuardedTarget.SHARED_LUN;
            if (fault == Fault.WRITES_ELSEWHERE && opcode == WRITE_10 && shared) {
                ByteBuffer.wrap(task.cdb()).putInt(2, GuardedTarget.ATTACKED_BLOCKS + 100 + (task.cdb()[5] & 0xff));
            }
        }

        @Override
        public void execute(ScsiTask task) {
            int opcode = task.cdb()[0] & 0xff;
            if (fault == Fault.THROWS && opcode == UNMAP) {
                throw new IllegalStateException("expected by the test");
            }
            verified |= opcode == VERIFY_10;
            nexus.execute(task);
        }

        @Override
        public void submit() {
            nexus.submit();
        }

        @Override
        public void manage(
                TaskManagementFunction function,
                byte[] lun,
                @Nullable ScsiTask task,
                Consumer<TaskManagementResponse> response) {
            nexus.manage(function, lun, task, response);
        }

        @Override
        public void close(Runnable quiet) {
            if (fault == Fault.FORGETS && verified) {
                quiet.run();
            } else {
                nexus.close(quiet);
            }
        }
    }
}
