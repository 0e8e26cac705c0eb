package dev.tocsin.app.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A line a second on a terminal, over itself; elsewhere a line every ten seconds. */
final class ProgressLine {
  private static final int QUIET_SECONDS = 10;

  private final PrintStream out;
  private final boolean terminal;
  private int widest;

  ProgressLine(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Says nothing. */
  static ProgressLine none() {
    return new ProgressLine(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8), false);
  }

  /**
   * @param second since the start of the run
   * @param latencies of that second, in nanoseconds; empty during the warm-up
   */
  void second(long second, String items, double itemsPerSecond, long failed, Histogram latencies) {
    String delays =
        latencies.getTotalCount() == 0
            ? "warming up"
            : String.format(
                Locale.ROOT,
                "p50 %.1f  p99 %.1f ms",
                latencies.getValueAtPercentile(50) / 1e6,
                latencies.getValueAtPercentile(99) / 1e6);
    String line =
        String.format(
            Locale.ROOT,
            "%4d s  %,.0f %s/s  %s  %,d failed",
            second,
            itemsPerSecond,
            items,
            delays,
            failed);
    if (terminal) {
      widest = Math.max(widest, line.length());
      out.print("\r" + line + " ".repeat(widest - line.length()));
      out.flush();
    } else if (second % QUIET_SECONDS == 0) {
      out.println(line);
    }
  }

  void note(String text) {
    out.println(text);
  }

  /** Leaves a clean line. */
  void end() {
    if (terminal && widest > 0) {
      out.print("\r" + " ".repeat(widest) + "\r");
      out.flush();
    }
  }
}
