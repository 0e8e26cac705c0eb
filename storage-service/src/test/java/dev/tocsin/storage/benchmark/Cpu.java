package dev.tocsin.storage.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU-seconds of processes, by /proc (Linux). */
final class Cpu {
  private static final double TICKS = 100;
  private static final int UTIME = 11;

  private Cpu() {}

  static double ofThisProcess() {
    return own(ProcessHandle.current().pid(), 2);
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
      String[] values = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int i = 0; i < fields; i++) {
        ticks += Long.parseLong(values[UTIME + i]);
      }
      return ticks / TICKS;
    } catch (java.nio.file.NoSuchFileException gone) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
