package dev.tocsin.promql.benchmarks;

import dev.tocsin.promql.EngineOptions;
import dev.tocsin.promql.InMemorySeriesSource;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.QueryContext;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;

/**
 * CPU time of each benchmark query on its thread: what stays meaningful on a machine that others
 * use too.
 */
public final class CpuTimes {
  private static final int ROUNDS = 40;

  private CpuTimes() {}

  public static void main(String[] args) {
    InMemorySeriesSource source = Dataset.load();
    PromqlEngine engine = new PromqlEngine(EngineOptions.defaults());
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long end = Dataset.START + (Dataset.SAMPLES - 1) * 15_000L;
    List<String> queries =
        List.of(
            "rate(m[5m])",
            "sum by (job) (rate(m[5m]))",
            "histogram_quantile(0.99, sum by (job, le) (rate(h_bucket[5m])))",
            "topk(5, m)",
            "m / on (job) group_left () sum by (job) (m)");
    for (String query : queries) {
      double[] millis = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        long before = threads.getCurrentThreadCpuTime();
        long samples =
            engine
                .range(source, query, Dataset.START, end, 60_000, QueryContext.create())
                .samplesRead();
        if (samples == 0) {
          throw new IllegalStateException("nothing was read: " + query);
        }
        millis[i] = (threads.getCurrentThreadCpuTime() - before) / 1e6;
      }
      double[] warm = Arrays.copyOfRange(millis, ROUNDS / 2, ROUNDS);
      Arrays.sort(warm);
      System.out.printf(
          "%-66s median %6.1f ms CPU, least %6.1f%n", query, warm[warm.length / 2], warm[0]);
    }
  }
}
