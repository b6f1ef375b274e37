package io.sluice.integration.bench;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.List;
import java.util.function.Predicate;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** What the living threads of a JVM have allocated since they began. Not thread-safe. */
final class AllocationMeter implements AutoCloseable {
    private static final List<String> COMMAND_THREADS =
            List.of("iscsi-loop", "sluice-disk", "sluice-lane", "sluice-worker");

    private final JMXConnector connector;
    private final ThreadMXBean threads;

    private AllocationMeter(JMXConnector connector, ThreadMXBean threads) {
        this.connector = connector;
        this.threads = threads;
    }

    /** Of the JVM with this process number, which has to belong to the same user. */
    @SuppressWarnings("BanJNDI") // The other end is a process that we have started.
    static AllocationMeter of(long pid) throws IOException {
        try {
            VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
            JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
            machine.detach();
            JMXConnector connector = JMXConnectorFactory.connect(address);
            ThreadMXBean threads = ManagementFactory.newPlatformMXBeanProxy(
                    connector.getMBeanServerConnection(), ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
            return new AllocationMeter(connector, threads);
        } catch (AttachNotSupportedException refused) {
            throw new IOException("cannot look into the JVM " + pid, refused);
        }
    }

    /** Of all threads. Only ever grows while none ends. */
    long bytes() {
        return bytes(name -> true);
    }

    /** Of those that hosts wait for: event loops, the journal's sync, lanes, workers. Those that end take theirs along. */
    long bytesOfCommands() {
        return bytes(name -> COMMAND_THREADS.stream().anyMatch(name::startsWith));
    }

    private long bytes(Predicate<String> isMeant) {
        long[] ids = threads.getAllThreadIds();
        ThreadInfo[] infos = threads.getThreadInfo(ids);
        long[] bytes = threads.getThreadAllocatedBytes(ids);
        long sum = 0;
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null && bytes[i] > 0 && isMeant.test(infos[i].getThreadName())) {
                sum += bytes[i];
            }
        }
        return sum;
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
