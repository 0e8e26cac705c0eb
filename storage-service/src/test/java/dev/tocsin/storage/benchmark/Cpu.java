package dev.tocsin.storage.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** CPU-seconds of processes, by /proc (Linux). */
final class Cpu {
  private static final double TICKS = 100;
  private static final int UTIME = 11;

  private Cpu() {}

  static double ofThisProcess() {
    return own(ProcessHandle.current().pid(), 2);
  }

  /** What the threads that live now have used, by what they do. */
  static Map<String, Double> byKindOfThread() {
    Map<String, Double> sums = new TreeMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        String stat = Files.readString(task.resolve("stat"));
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        sums.merge(kind(name), ticks(stat, 2) / TICKS, Double::sum);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sums;
  }

  private static String kind(String thread) {
    if (thread.startsWith("store-encode")) {
      return "encode";
    } else if (thread.startsWith("store-")) {
      return "poll";
    } else if (thread.startsWith("vert.x-event")) {
      return "event loop";
    } else if (thread.matches("C[12] Comp.*|Sweeper.*")) {
      return "JIT";
    } else if (thread.matches("G1 .*|GC .*|VM Thread")) {
      return "GC";
    }
    return "other";
  }

  /** A server process, its children, and those it has outlived. */
  static double ofServer(long pid) {
    double sum = own(pid, 4);
    for (ProcessHandle child : ProcessHandle.of(pid).orElseThrow().children().toList()) {
      sum += own(child.pid(), 2);
    }
    return sum;
  }

  private static double own(long pid, int fields) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return ticks(stat, fields) / TICKS;
    } catch (java.nio.file.NoSuchFileException gone) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long ticks(String stat, int fields) {
    String[] values = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long ticks = 0;
    for (int i = 0; i < fields; i++) {
      ticks += Long.parseLong(values[UTIME + i]);
    }
    return ticks;
  }
}
