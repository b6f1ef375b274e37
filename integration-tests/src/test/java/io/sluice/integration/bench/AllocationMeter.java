package io.sluice.integration.bench;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** What the living threads of a JVM have allocated since they began. Not thread-safe. */
final class AllocationMeter implements AutoCloseable {
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

    /** Only ever grows while no thread ends. */
    long bytes() {
        return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
