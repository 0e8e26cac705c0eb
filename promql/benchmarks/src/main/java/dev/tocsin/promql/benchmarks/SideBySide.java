package dev.tocsin.promql.benchmarks;

import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.engine.QueryContext;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table of what each benchmark query costs here and, where it is installed, in Prometheus on the
 * same samples. CPU time stays meaningful on a machine that others use too; wall-clock time does
 * not.
 */
public final class SideBySide {
  private static final List<String> QUERIES =
      List.of(
          "rate(m[5m])",
          "sum by (job) (rate(m[5m]))",
          "histogram_quantile(0.99, sum by (job, le) (rate(h_bucket[5m])))",
          "topk(5, m)",
          "m / on (job) group_left () sum by (job) (m)");
  private static final long END = Dataset.START + (Dataset.SAMPLES - 1) * 15_000L;
  private static final int STEP_MS = 60_000;
  private static final int ROUNDS = 40;
  private static final int PROMETHEUS_ROUNDS = 12;

  private final InMemorySeriesSource source = Dataset.load();
  private final PromqlEngine engine = new PromqlEngine(EngineOptions.defaults());
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  private SideBySide() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    SideBySide program = new SideBySide();
    List<String> ours = QUERIES.stream().map(program::ours).toList();
    List<String> theirs = new ArrayList<>();
    try (PrometheusServer server = PrometheusServer.startWhereInstalled()) {
      for (String query : QUERIES) {
        theirs.add(server == null ? "| - | - |" : theirs(server, query));
      }
    }
    System.out.println(
        "| query | CPU | wall | Prometheus: CPU, with the answer's encoding | Prometheus:"
            + " evaluation, wall |");
    System.out.println("|---|---|---|---|---|");
    for (int i = 0; i < QUERIES.size(); i++) {
      System.out.println("| `" + QUERIES.get(i) + "` " + ours.get(i) + theirs.get(i).substring(1));
    }
  }

  /** Medians of the second half of the rounds; the first half warms up. */
  private String ours(String query) {
    double[] cpu = new double[ROUNDS];
    double[] wall = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long cpuBefore = threads.getCurrentThreadCpuTime();
      long wallBefore = System.nanoTime();
      long read =
          engine
              .range(source, query, Dataset.START, END, STEP_MS, QueryContext.create())
              .samplesRead();
      if (read == 0) {
        throw new IllegalStateException("nothing was read: " + query);
      }
      wall[i] = (System.nanoTime() - wallBefore) / 1e6;
      cpu[i] = (threads.getCurrentThreadCpuTime() - cpuBefore) / 1e6;
    }
    return cells(
        median(Arrays.copyOfRange(cpu, ROUNDS / 2, ROUNDS)),
        median(Arrays.copyOfRange(wall, ROUNDS / 2, ROUNDS)));
  }

  /** CPU is the mean, because the clock it is read from is coarse. */
  private static String theirs(PrometheusServer server, String query)
      throws IOException, InterruptedException {
    double cpu = 0;
    double[] wall = new double[PROMETHEUS_ROUNDS];
    for (int i = -2; i < PROMETHEUS_ROUNDS; i++) {
      PrometheusServer.Cost cost = server.range(query, Dataset.START, END, STEP_MS);
      if (i >= 0) {
        cpu += cost.cpuMillis() / PROMETHEUS_ROUNDS;
        wall[i] = cost.evaluationMillis();
      }
    }
    return cells(cpu, median(wall));
  }

  private static String cells(double cpu, double wall) {
    return String.format("| %.0f ms | %.0f ms |", cpu, wall);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
