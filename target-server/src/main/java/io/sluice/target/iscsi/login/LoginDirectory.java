package io.sluice.target.iscsi.login;

/** What a login has to know about the server. Answers at once. */
public interface LoginDirectory {
    /** What the initiator meets; names are normalised, {@code targetName} is empty for discovery. */
    Admission admission(String initiatorName, String targetName);

    /** Whether there is a session with this TSIH. */
    boolean sessionExists(int targetSessionIdentifyingHandle);
}
