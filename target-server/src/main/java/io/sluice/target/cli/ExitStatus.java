package io.sluice.target.cli;

/** Exit statuses of {@code sluice}; documented in its help. */
public final class ExitStatus {
    /** Done. */
    public static final int OK = 0;
    /** Something failed; standard error says what. */
    public static final int FAILED = 1;
    /** The command line was wrong. */
    public static final int USAGE = 2;
    /** The configuration has mistakes. */
    public static final int CONFIGURATION = 3;

    private ExitStatus() {}
}
