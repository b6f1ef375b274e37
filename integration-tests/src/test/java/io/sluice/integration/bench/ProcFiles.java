package io.sluice.integration.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What Linux tells of processes below /proc. */
final class ProcFiles {
    /** USER_HZ, the unit of /proc/PID/stat on every Linux of today. */
    private static final double TICKS_PER_SECOND = 100.0;

    private static final int USER_TICKS = 11;
    private static final int CHILDREN_USER_TICKS = 13;
    private static final long BYTES_PER_KIB = 1024;
    /** The addresses with which the head of a mapping begins. */
    private static final Pattern MAPPING = Pattern.compile("[0-9a-f]+-[0-9a-f]+ ");

    private ProcFiles() {}

    /** User and system time that all threads of these processes have used, in seconds. */
    static double cpuSeconds(Collection<Long> pids) throws IOException {
        double sum = 0;
        for (long pid : pids) {
            sum += ticks(stat(pid), USER_TICKS);
        }
        return sum;
    }

    /** The same of all children of this JVM that have ended. */
    static double endedChildrenCpuSeconds() throws IOException {
        return ticks(stat(ProcessHandle.current().pid()), CHILDREN_USER_TICKS);
    }

    /** The same of this JVM. */
    static double ownCpuSeconds() throws IOException {
        return cpuSeconds(List.of(ProcessHandle.current().pid()));
    }

    /** The peak of resident memory, from now on. */
    static void forgetPeak(Collection<Long> pids) throws IOException {
        for (long pid : pids) {
            Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
        }
    }

    /** The peak of resident memory of each, added up. */
    static long peakBytes(Collection<Long> pids) throws IOException {
        long sum = 0;
        for (long pid : pids) {
            sum += highWaterBytes(Files.readString(Path.of("/proc/" + pid + "/status")));
        }
        return sum;
    }

    /** The three load averages. */
    static String loadAverage() throws IOException {
        String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
        return words[0] + " " + words[1] + " " + words[2];
    }

    /** VmHWM of a text like /proc/PID/status. */
    static long highWaterBytes(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * BYTES_PER_KIB)
                .findFirst()
                .orElse(0);
    }

    /** What is resident of a process's mappings of a file. */
    static long mappedResidentBytes(long pid, Path file) throws IOException {
        return mappedResidentBytes(Files.readString(Path.of("/proc/" + pid + "/smaps")), file);
    }

    /** Each Rss below the head of a mapping of the file, added up, of a text like /proc/PID/smaps. */
    static long mappedResidentBytes(String mappings, Path file) {
        long sum = 0;
        boolean isOfFile = false;
        for (String line : mappings.split("\n", -1)) {
            if (MAPPING.matcher(line).lookingAt()) {
                isOfFile = line.endsWith(" " + file);
            } else if (isOfFile && line.startsWith("Rss:")) {
                sum += Long.parseLong(line.replaceAll("[^0-9]", "")) * BYTES_PER_KIB;
            }
        }
        return sum;
    }

    /** Two neighbouring counters behind the program's name, which may itself hold blanks and brackets. */
    static double ticks(String stat, int first) {
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(words[first]) + Long.parseLong(words[first + 1])) / TICKS_PER_SECOND;
    }

    /** Whether somebody listens on a port, by a text like /proc/net/tcp. */
    static boolean listens(String table, int port) {
        String listening = String.format(Locale.ROOT, ":%04X [0-9A-F:]+ 0A ", port);
        return Pattern.compile(listening).matcher(table).find();
    }

    private static String stat(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/stat"));
    }
}
