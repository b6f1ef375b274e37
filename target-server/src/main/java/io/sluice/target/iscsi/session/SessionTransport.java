package io.sluice.target.iscsi.session;

import io.sluice.target.net.Connection;
import io.sluice.target.scsi.NexusTransport;
import io.sluice.target.scsi.SenseCode;
import org.jspecify.annotations.Nullable;

/**
 * What the device server may ask of a session. The nexus comes before the services that carry its tasks: until {@link
 * #carriedBy} there are none to abort and nobody to tell.
 */
final class SessionTransport implements NexusTransport {
    private final Connection connection;
    private @Nullable TaskService tasks;
    private @Nullable AsyncMessageService asyncMessages;

    SessionTransport(Connection connection) {
        this.connection = connection;
    }

    /** On the loop. */
    void carriedBy(TaskService taskService, AsyncMessageService asyncMessageService) {
        tasks = taskService;
        asyncMessages = asyncMessageService;
    }

    @Override
    public void execute(Runnable work) {
        connection.loop().execute(work);
    }

    @Override
    public int abortCollecting(int lun, boolean answered) {
        TaskService service = tasks;
        return service == null ? 0 : service.abortCollecting(lun, answered);
    }

    @Override
    public void report(SenseCode condition) {
        AsyncMessageService service = asyncMessages;
        if (service != null && connection.isOpen()) {
            service.report(condition);
        }
    }
}
