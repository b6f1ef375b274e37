package io.sluice.target.server.reload;

import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.config.SluiceConfiguration;
import java.io.IOException;
import java.util.List;

/**
 * What a reload can do to the server. Called by one thread at a time. Each step either is done when it returns, or fails
 * with a sentence for the operator and then has changed nothing, unless it says otherwise. The text a step gives is what
 * else should be known, "" for nothing.
 */
public interface RunningServer {
    /** What it runs with. */
    ServerSettings settings();

    /** All LUNs, also those that could not be opened. */
    List<RunningLun> luns();

    /** The log is written so from now on. */
    void changeLog(ServerSettings.Log log);

    /**
     * Who may use what: secrets are read again, logins from now on go by it. Targets that the files do not have are not
     * found any more from the same moment on: without settings a target would be open to everybody.
     */
    String changeAccess(SluiceConfiguration files) throws IOException;

    /** Ends the sessions of initiators that may not use their target, which stays, any more. */
    String endForbiddenSessions() throws InterruptedException;

    /** The sessions of a target that goes end; nobody has found it since {@link #changeAccess}. Its LUNs go by themselves. */
    String removeTarget(String targetName) throws InterruptedException;

    /** Hosts do not find the LUN any more, its commands end, its volume is closed. */
    String removeLun(LunSettings lun) throws IOException, InterruptedException;

    /** Opens the volume, then shows the LUN; it stays among {@link #luns} when that fails. */
    String addLun(LunSettings lun) throws IOException, InterruptedException;

    /** Grows the volume, then tells hosts. */
    String growLun(LunSettings lun) throws IOException, InterruptedException;

    /** Shows the LUN as the settings say, and tells hosts. */
    void presentLun(LunSettings lun);

    /** The reload is over: what was not changed by steps of its own is as {@code files} say. */
    void adopt(SluiceConfiguration files);
}
