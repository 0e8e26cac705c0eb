package dev.tocsin.promql.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the data set for {@code promtool tsdb create-blocks-from openmetrics}, to time Prometheus
 * on the same samples.
 */
public final class OpenMetricsExport {
  private OpenMetricsExport() {}

  public static void main(String[] args) throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[0])))) {
      write(out);
    }
  }

  static void write(PrintWriter out) {
    out.print("# TYPE m gauge\n# TYPE h_bucket gauge\n");
    Dataset.each(
        (labels, timeMs, value) ->
            out.print(
                labels.toString().replace("\", ", "\",")
                    + " "
                    + value
                    + " "
                    + timeMs / 1000
                    + "\n"));
    out.print("# EOF\n");
  }
}
