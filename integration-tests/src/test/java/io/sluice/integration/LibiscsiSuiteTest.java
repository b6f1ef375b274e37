package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.LibiscsiSuite.Result;
import io.sluice.integration.LibiscsiSuite.Verdict;
import org.junit.jupiter.api.Test;

/** Nothing but a test that ran and passed is taken for a pass. */
final class LibiscsiSuiteTest {
    private static final String PASSED = output("passed", 1, 1, 1, 0, 7, 0);

    private static String output(String verdict, int total, int ran, int passed, int failed, int asserts, int wrong) {
        return "Suite: Read10\n  Test: Simple ..." + verdict
                + "\n\nRun Summary:    Type  Total    Ran Passed Failed Inactive\n"
                + "              suites      1      1    n/a      0        0\n"
                + String.format("               tests %6d %6d %6d %6d        0%n", total, ran, passed, failed)
                + String.format(
                        "             asserts %6d %6d %6d %6d      n/a%n%n", asserts, asserts, asserts - wrong, wrong)
                + "Tests completed with return value: 0\n";
    }

    private static Verdict verdict(int exitStatus, String output) {
        return LibiscsiSuite.judge("ALL.Read10.Simple", exitStatus, output).verdict();
    }

    @Test
    void aPassedTestHasPassed() {
        Result result = LibiscsiSuite.judge("ALL.Read10.Simple", 0, PASSED);
        assertEquals(Verdict.PASSED, result.verdict());
        assertEquals(7, result.assertions());
        assertEquals("Read10", result.family());
    }

    @Test
    void aSkippedTestHasNotPassed() {
        assertEquals(Verdict.SKIPPED, verdict(0, output("    [SKIPPED] not implemented.\npassed", 1, 1, 1, 0, 1, 0)));
    }

    @Test
    void aFailedTestHasFailed() {
        assertEquals(Verdict.FAILED, verdict(1, output("FAILED", 1, 1, 0, 1, 7, 1)));
        assertEquals(Verdict.FAILED, verdict(0, output("passed", 1, 1, 1, 0, 7, 1)));
    }

    @Test
    void aCommandThatTheTestWantsToFailIsNoFailure() {
        assertEquals(Verdict.PASSED, verdict(0, output("    [FAILED] wrong sense\npassed", 1, 1, 1, 0, 7, 0)));
    }

    @Test
    void aCrashIsAFailure() {
        assertEquals(Verdict.FAILED, verdict(139, "Suite: Read10\n  Test: Simple ..."));
        assertEquals(Verdict.FAILED, verdict(134, PASSED));
        assertEquals(Verdict.FAILED, verdict(0, ""));
    }

    @Test
    void aTestThatDidNotRunIsAFailure() throws Exception {
        assertEquals(Verdict.FAILED, verdict(0, output("passed", 0, 0, 0, 0, 0, 0)));
        Result refused = LibiscsiSuite.run(
                "ALL.TestUnitReady.Simple",
                "iscsi://127.0.0.1:" + ConfigurationFiles.freePort() + "/iqn.2026-11.io.sluice.test:none/0");
        assertEquals(Verdict.FAILED, refused.verdict(), refused.output());
    }

    @Test
    void theInstalledSuiteTellsItsTests() throws Exception {
        assertTrue(LibiscsiSuite.tests().size() > 200, LibiscsiSuite.tests()::toString);
        assertTrue(LibiscsiSuite.tests().contains("ALL.ModeSense6.Control-D_SENSE"));
    }
}
