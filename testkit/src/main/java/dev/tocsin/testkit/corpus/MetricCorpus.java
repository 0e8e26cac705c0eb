package dev.tocsin.testkit.corpus;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Three thousand series of 40 services, each exported every 15 s with +-3 ms of jitter: 60 %
 * counters (1,000 of them series of {@link #COUNTER}), 15 % histogram buckets, 25 % gauges. Each
 * request is one service's export. The same seed gives the same bytes. Used by one thread.
 */
public final class MetricCorpus implements Iterator<byte[]> {
  /** A counter of 1,000 series, by its Prometheus name. */
  public static final String COUNTER = "http_server_requests_total";

  /** How often a series has a sample. */
  public static final long INTERVAL_NANOS = 15_000_000_000L;

  private static final int SERVICES = 40;
  private static final int ROUTES = 25;
  private static final int CALLS = 20;
  private static final int GAUGES = 19;
  private static final int HISTOGRAM_SERVICES = 26;
  private static final double[] BOUNDS = {
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
  };

  private final SplittableRandom random;
  private final ProtoWriter out = new ProtoWriter();
  private final long rounds;
  private final long startNanos;
  private final long[] counters = new long[SERVICES * (ROUTES + CALLS)];
  private final double[] gauges = new double[SERVICES * GAUGES];
  private final long[] buckets = new long[SERVICES * (BOUNDS.length + 1)];
  private final double[] sums = new double[SERVICES];
  private long made;

  /**
   * @param rounds exports of each service
   * @param startNanos when the first is, since 1970
   */
  public MetricCorpus(long seed, long rounds, long startNanos) {
    this.random = new SplittableRandom(seed);
    this.rounds = rounds;
    this.startNanos = startNanos;
    for (int i = 0; i < gauges.length; i++) {
      gauges[i] = i % 2 == 0 ? random.nextInt(1 << 20) * 4096.0 : random.nextInt(10_000) / 100.0;
    }
  }

  @Override
  public boolean hasNext() {
    return made < rounds * SERVICES;
  }

  /** The next {@code ExportMetricsServiceRequest}. */
  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all " + rounds + " rounds are made");
    }
    int service = (int) (made % SERVICES);
    long round = made / SERVICES;
    long jitter = (random.nextInt(7) - 3) * 1_000_000L;
    long offset = INTERVAL_NANOS / SERVICES * service / 1_000_000 * 1_000_000;
    long nanos = startNanos + round * INTERVAL_NANOS + offset + jitter;
    made++;
    out.begin(1);
    CorpusServices.resource(out, service, 0);
    out.begin(2);
    CorpusServices.scope(out);
    counter("http.server.requests", service, 0, ROUTES, nanos);
    counter("db.client.calls", service, ROUTES, CALLS, nanos);
    gauges(service, nanos);
    if (service < HISTOGRAM_SERVICES) {
      histogram(service, nanos);
    }
    out.end();
    out.end();
    return out.take();
  }

  private void counter(String name, int service, int first, int size, long nanos) {
    out.begin(2);
    out.text(1, name);
    out.begin(7);
    for (int i = 0; i < size; i++) {
      int at = service * (ROUTES + CALLS) + first + i;
      counters[at] += random.nextInt(4) == 0 ? 0 : random.nextInt(1 + (at * 7) % 90);
      out.begin(1);
      out.fixed64(2, startNanos);
      out.fixed64(3, nanos);
      out.fixed64(6, counters[at]);
      out.attribute(7, "http.route", "/api/v1/" + CorpusServices.noun(service, i % 5) + "/{id}");
      out.attribute(7, "http.response.status_code", 200 + (i / 5) * 100L);
      out.end();
    }
    out.varint(2, 2);
    out.varint(3, 1);
    out.end();
    out.end();
  }

  private void gauges(int service, long nanos) {
    for (int i = 0; i < GAUGES; i++) {
      int at = service * GAUGES + i;
      gauges[at] += at % 2 == 0 ? (random.nextInt(65) - 32) * 4096.0 : gaugeStep();
      out.begin(2);
      out.text(1, "app.gauge." + i);
      out.begin(5);
      out.begin(1);
      out.fixed64(3, nanos);
      out.decimal(4, gauges[at]);
      out.end();
      out.end();
      out.end();
    }
  }

  private double gaugeStep() {
    return (random.nextInt(201) - 100) / 100.0;
  }

  private void histogram(int service, long nanos) {
    int first = service * (BOUNDS.length + 1);
    long count = 0;
    for (int i = 0; i <= BOUNDS.length; i++) {
      buckets[first + i] += random.nextInt(1 + Math.max(0, 30 - Math.abs(i - 4) * 6));
      count += buckets[first + i];
    }
    sums[service] += random.nextInt(1_000_000) / 1000.0;
    out.begin(2);
    out.text(1, "http.server.request.duration");
    out.text(3, "s");
    out.begin(9);
    out.begin(1);
    out.fixed64(2, startNanos);
    out.fixed64(3, nanos);
    out.fixed64(4, count);
    out.decimal(5, sums[service]);
    for (int i = 0; i <= BOUNDS.length; i++) {
      out.fixed64(6, buckets[first + i]);
    }
    for (double bound : BOUNDS) {
      out.decimal(7, bound);
    }
    out.end();
    out.varint(2, 2);
    out.end();
    out.end();
  }
}
