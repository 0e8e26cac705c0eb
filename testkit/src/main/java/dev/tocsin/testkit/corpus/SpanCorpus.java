package dev.tocsin.testkit.corpus;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Traces of 6.3 spans on average over 40 services (Zipf 0.9) and 240 operations: HTTP servers and
 * clients, database calls and internal work, some nine attributes a span (ids in paths, 100,000
 * users, 150 user agents, unique URLs, SQL with literals), 2 % errors of which half hold an
 * exception of 1.5 kB. Each request is what a Collector sends: whole traces, in order of time,
 * filed by resource. The same seed gives the same bytes. Used by one thread.
 */
public final class SpanCorpus implements Iterator<byte[]> {
  /** Spans a request holds at least, unless it is the last. */
  public static final int REQUEST_SPANS = 512;

  private static final double SPANS_A_TRACE = 6.3;
  private static final int TRACE_SPANS_MAX = 60;
  private static final int USERS = 100_000;
  private static final List<String> AGENTS = CorpusServices.userAgents();

  private final SplittableRandom random;
  private final CorpusServices services = new CorpusServices();
  private final ProtoWriter request = new ProtoWriter();
  private final SpanWriter writer = new SpanWriter();
  private final long count;
  private final long startNanos;
  private final double nanosPerSpan;
  private long made;

  /**
   * @param count spans in all, a few more at the end of the last trace
   * @param startNanos when the first trace begins, since 1970
   * @param lengthNanos over how long they are spread
   */
  public SpanCorpus(long seed, long count, long startNanos, long lengthNanos) {
    this.random = new SplittableRandom(seed);
    this.count = count;
    this.startNanos = startNanos;
    this.nanosPerSpan = (double) lengthNanos / count;
  }

  /** Spans made so far. */
  public long made() {
    return made;
  }

  /** Service names, the busiest first. */
  public static List<String> services() {
    return CorpusServices.names();
  }

  /** A user id that occurs now and then: some 40 times in a million spans. */
  public static String someUser() {
    return user(2_000);
  }

  private static String user(int number) {
    return "u-%06d".formatted(number);
  }

  @Override
  public boolean hasNext() {
    return made < count;
  }

  /** The next {@code ExportTraceServiceRequest}. */
  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all " + count + " spans are made");
    }
    List<List<SpanWriter.Planned>> byResource = new ArrayList<>();
    for (int i = 0; i < CorpusServices.COUNT * CorpusServices.instances(); i++) {
      byResource.add(new ArrayList<>());
    }
    int planned = 0;
    while (planned < REQUEST_SPANS && made < count) {
      int size = trace(byResource);
      planned += size;
      made += size;
    }
    for (int i = 0; i < byResource.size(); i++) {
      if (!byResource.get(i).isEmpty()) {
        request.begin(1);
        CorpusServices.resource(
            request, i / CorpusServices.instances(), i % CorpusServices.instances());
        request.begin(2);
        CorpusServices.scope(request);
        byResource.get(i).forEach(span -> writer.write(request, span));
        request.end();
        request.end();
      }
    }
    return request.take();
  }

  /** Plans one trace: a tree that begins with an HTTP server. */
  private int trace(List<List<SpanWriter.Planned>> byResource) {
    int size = traceSize();
    long high = random.nextLong();
    long low = random.nextLong();
    long start = startNanos + (long) (made * nanosPerSpan) + random.nextInt(1_000_000);
    String user = user((int) (Math.pow(random.nextDouble(), 2) * USERS));
    String agent = AGENTS.get((int) (Math.pow(random.nextDouble(), 2) * AGENTS.size()));
    List<SpanWriter.Planned> spans = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      SpanWriter.Planned parent = i == 0 ? null : spans.get(random.nextInt(i));
      SpanWriter.Shape shape = shape(i, parent);
      int service =
          parent == null || shape == SpanWriter.Shape.SERVER
              ? services.pick(random)
              : parent.service();
      long begin = parent == null ? start : parent.startNanos() + random.nextInt(40_000_000);
      SpanWriter.Planned span =
          new SpanWriter.Planned(
              shape,
              high,
              low,
              random.nextLong() | 1,
              parent == null ? 0 : parent.spanId(),
              service,
              random.nextInt(CorpusServices.OPERATIONS),
              begin,
              duration(shape),
              random.nextInt(100) < 2,
              user,
              agent,
              random.nextLong());
      spans.add(span);
      int instance = (int) Math.floorMod(low, (long) CorpusServices.instances());
      byResource.get(service * CorpusServices.instances() + instance).add(span);
    }
    return size;
  }

  private int traceSize() {
    int size = 1;
    while (size < TRACE_SPANS_MAX && random.nextDouble() > 1 / SPANS_A_TRACE) {
      size++;
    }
    return size;
  }

  private SpanWriter.Shape shape(int place, SpanWriter.@Nullable Planned parent) {
    if (place == 0 || parent == null) {
      return SpanWriter.Shape.SERVER;
    }
    if (parent.shape() == SpanWriter.Shape.CLIENT) {
      return SpanWriter.Shape.SERVER;
    }
    int dice = random.nextInt(10);
    if (dice < 4) {
      return SpanWriter.Shape.CLIENT;
    }
    return dice < 7 ? SpanWriter.Shape.DATABASE : SpanWriter.Shape.INTERNAL;
  }

  /** Log-normal around 8 ms, databases a quarter of that. */
  private long duration(SpanWriter.Shape shape) {
    double normal = 0;
    for (int i = 0; i < 12; i++) {
      normal += random.nextDouble();
    }
    double millis = (shape == SpanWriter.Shape.DATABASE ? 2 : 8) * Math.exp((normal - 6) * 1.3);
    return 1 + (long) (millis * 1_000_000);
  }
}
