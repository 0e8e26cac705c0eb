package dev.tocsin.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads what a process on this machine has used. From {@code /proc}; where there is none, CPU time
 * comes from the JVM and memory is unknown.
 *
 * @param name for the report
 */
record ProcessMeter(String name, long pid) {
  /** The kernel's USER_HZ, which is 100 on every architecture Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  /**
   * What a process had used at one moment.
   *
   * @param cpuSeconds since it started, in the kernel and outside; not a number when unknown
   * @param rssBytes resident memory, -1 when unknown
   * @param peakRssBytes the most it ever was, -1 when unknown
   */
  record Reading(double cpuSeconds, long rssBytes, long peakRssBytes) {}

  static ProcessMeter ofThisProcess() {
    return new ProcessMeter("bench", ProcessHandle.current().pid());
  }

  Reading read() {
    Path directory = Path.of("/proc", Long.toString(pid));
    try {
      String stat = Files.readString(directory.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      double ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      String status = Files.readString(directory.resolve("status"));
      return new Reading(
          ticks / TICKS_PER_SECOND, kilobytes(status, "VmRSS:"), kilobytes(status, "VmHWM:"));
    } catch (IOException e) {
      return new Reading(cpuByTheJvm(), -1, -1);
    }
  }

  private double cpuByTheJvm() {
    Function<ProcessHandle, Stream<Duration>> cpu = p -> p.info().totalCpuDuration().stream();
    return ProcessHandle.of(pid).stream()
        .flatMap(cpu)
        .mapToDouble(used -> used.toNanos() / 1e9)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static long kilobytes(String status, String field) {
    return status
        .lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElse(-1);
  }
}
