package io.sluice.integration;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * libiscsi's conformance suite, {@code iscsi-test-cu}: one test in one process with a time limit, so that a test that hangs
 * or crashes costs itself alone and counts as failed.
 */
final class LibiscsiSuite {
    private static final String PROGRAM = "iscsi-test-cu";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern LISTED = Pattern.compile("ALL\\.\\w+\\.[\\w-]+");

    /** Of the summary: how many were there, ran, passed, failed. */
    private static final Pattern TESTS = Pattern.compile("(?m)^ +tests +(\\d+) +(\\d+) +(\\d+) +(\\d+)");

    private static final Pattern ASSERTIONS = Pattern.compile("(?m)^ +asserts +(\\d+) +(\\d+) +(\\d+) +(\\d+)");

    /** How a test ended. */
    enum Verdict {
        PASSED,
        SKIPPED,
        FAILED
    }

    /** What a test said; {@code output} is for people. */
    record Result(String test, Verdict verdict, int assertions, String output) {
        /** "Read10" of "ALL.Read10.Simple". */
        String family() {
            return test.split("\\.", -1)[1];
        }
    }

    private LibiscsiSuite() {}

    /** Every test that the installed suite has, as FAMILY.SUITE.TEST. */
    static List<String> tests() throws InterruptedException {
        return Programs.run(Programs.SHORT, PROGRAM, "--list")
                .expect(0)
                .out()
                .lines()
                .map(String::strip)
                .filter(line -> LISTED.matcher(line).matches())
                .toList();
    }

    /** Runs one test, which may destroy what is on the LUN; some need the URL of a second path to it. */
    static Result run(String test, String... urls) throws InterruptedException {
        String[] arguments = new String[3 + urls.length];
        arguments[0] = "--dataloss";
        arguments[1] = "--allow-sanitize";
        arguments[2] = "--test=" + test;
        System.arraycopy(urls, 0, arguments, 3, urls.length);
        try {
            Programs.Outcome outcome = Programs.run(LIMIT, PROGRAM, arguments);
            return judge(test, outcome.exitStatus(), outcome.out() + outcome.errors());
        } catch (Programs.TimeLimitError hung) {
            return new Result(test, Verdict.FAILED, 0, String.valueOf(hung.getMessage()));
        }
    }

    /**
     * Passed only when the program ended in order, exactly one test ran, it passed, and no assertion failed. The words
     * "[FAILED]" and "passed" in front of the summary do not count: some tests want a command to fail.
     */
    static Result judge(String test, int exitStatus, String output) {
        Matcher tests = TESTS.matcher(output);
        Matcher assertions = ASSERTIONS.matcher(output);
        boolean complete = tests.find() && assertions.find();
        boolean passed = complete
                && exitStatus == 0
                && number(tests, 1) == 1
                && number(tests, 2) == 1
                && number(tests, 3) == 1
                && number(tests, 4) == 0
                && number(assertions, 4) == 0;
        int count = complete ? number(assertions, 3) : 0;
        Verdict verdict = !passed ? Verdict.FAILED : output.contains("[SKIPPED]") ? Verdict.SKIPPED : Verdict.PASSED;
        return new Result(test, verdict, count, "exit status " + exitStatus + "\n" + output);
    }

    private static int number(Matcher line, int group) {
        return Integer.parseInt(line.group(group));
    }
}
