package dev.tocsin.otlp.wire;

import com.google.protobuf.Message;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.SeriesLabelLimit;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What scanning costs: CPU seconds of one thread per million items, without and with the split over
 * eight partitions, judged by the limits of storage. Arguments: seconds per case (default 4). A
 * program, not a test.
 */
final class ScanBenchmark {
  private static final int BATCHES = 16;
  private static final int ITEMS = 512;
  private static final int ROUNDS = 3;

  /** As storage has them. */
  private static final ItemLimits LIMITS =
      ItemLimits.around(OrdinaryOtlp.TIME, Duration.ofDays(7), Duration.ofHours(1))
          .with(new SeriesLabelLimit(16_384, 512, IdentifyingAttributes.DEFAULT));

  private ScanBenchmark() {}

  private record Case(Signal signal, List<byte[]> batches) {}

  public static void main(String[] args) {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 4;
    Map<String, Case> cases = cases();
    System.out.printf(
        "%-24s %8s %14s %20s%n", "", "B/item", "scan cpu-s/M", "scan + split cpu-s/M");
    cases.forEach(
        (name, work) ->
            System.out.printf(
                "%-24s %8d %14.4f %20.4f%n",
                name,
                work.batches().stream().mapToLong(b -> b.length).sum() / BATCHES / ITEMS,
                measure(work, 0, seconds),
                measure(work, 8, seconds)));
  }

  /** The best of some rounds, so that warming up and neighbours count least. */
  private static double measure(Case work, int partitions, double seconds) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      best = Math.min(best, once(work, partitions, seconds / ROUNDS));
    }
    return best;
  }

  private static double once(Case work, int partitions, double seconds) {
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    long end = start + (long) (seconds * 1e9);
    long items = 0;
    while (threads.getCurrentThreadCpuTime() < end) {
      for (byte[] batch : work.batches()) {
        OtlpRequest request = OtlpScanner.scan(work.signal(), batch, LIMITS);
        items += ITEMS;
        if (request.items() != ITEMS || !request.rejected().isEmpty()) {
          throw new IllegalStateException("items: " + request.items());
        }
        if (partitions > 0
            && OtlpSplitter.split(request, partitions, 16 << 20).accepted() != ITEMS) {
          throw new IllegalStateException("items are missing");
        }
      }
    }
    return (threads.getCurrentThreadCpuTime() - start) / 1e9 / (items / 1e6);
  }

  private static Map<String, Case> cases() {
    OrdinaryOtlp otlp = new OrdinaryOtlp(1);
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("spans", new Case(Signal.TRACES, batches(() -> otlp.traces(ITEMS))));
    cases.put("log records", new Case(Signal.LOGS, batches(() -> otlp.logs(ITEMS))));
    cases.put("gauge points", new Case(Signal.METRICS, batches(() -> otlp.gauges(ITEMS))));
    cases.put("histogram points", new Case(Signal.METRICS, batches(() -> otlp.histograms(ITEMS))));
    cases.put(
        "exponential histograms",
        new Case(Signal.METRICS, batches(() -> otlp.exponentials(ITEMS))));
    return cases;
  }

  private static List<byte[]> batches(Supplier<Message> requests) {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(requests.get().toByteArray());
    }
    return batches;
  }
}
