package dev.tocsin.testkit.corpus;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Log lines of 40 services (Zipf 0.9): bodies of 96 bytes on average with ids and numbers in them,
 * 70 % with a trace and span id (some three lines a trace), two attributes, severities as they are
 * usual. Each request is of one resource. The same seed gives the same bytes. Used by one thread.
 */
public final class LogCorpus implements Iterator<byte[]> {
  /** Records in a request. */
  public static final int REQUEST_RECORDS = 200;

  private static final List<String> TEMPLATES =
      List.of(
          "request %08x for user u-%06d finished with status %d after %d ms in step persist-result",
          "cache miss for key item:%08x:%06d, loading from database shard %d took %d us in total",
          "published event order-updated id=%08x customer=%06d to partition %d with %d bytes payload",
          "connection to peer %08x user %06d reset by remote host, attempt %d of retry loop, wait %d",
          "scheduled job rebalance-%08x moved %06d entries between %d shards and skipped %d of them",
          "validated payload of message %08x by account %06d, schema version %d, %d fields checked");
  private static final String[] LOGGERS = {
    "shop.http.RequestLog",
    "shop.cache.Loader",
    "shop.events.Publisher",
    "shop.net.Peer",
    "shop.jobs.Rebalance",
    "shop.schema.Validator"
  };

  private final SplittableRandom random;
  private final CorpusServices services = new CorpusServices();
  private final ProtoWriter out = new ProtoWriter();
  private final long count;
  private final long startNanos;
  private final double nanosPerRecord;
  private long made;

  /**
   * @param startNanos when the first line is written, since 1970
   * @param lengthNanos over how long they are spread
   */
  public LogCorpus(long seed, long count, long startNanos, long lengthNanos) {
    this.random = new SplittableRandom(seed);
    this.count = count;
    this.startNanos = startNanos;
    this.nanosPerRecord = (double) lengthNanos / count;
  }

  public long made() {
    return made;
  }

  @Override
  public boolean hasNext() {
    return made < count;
  }

  /** The next {@code ExportLogsServiceRequest}. */
  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all " + count + " records are made");
    }
    int service = services.pick(random);
    out.begin(1);
    CorpusServices.resource(out, service, random.nextInt(CorpusServices.instances()));
    out.begin(2);
    CorpusServices.scope(out);
    int size = (int) Math.min(REQUEST_RECORDS, count - made);
    int left = 0;
    boolean traced = false;
    long[] ids = new long[3];
    for (int i = 0; i < size; i++) {
      if (left == 0) {
        left = 1 + random.nextInt(5);
        traced = random.nextInt(10) < 7;
        ids = new long[] {random.nextLong(), random.nextLong(), random.nextLong() | 1};
      }
      left--;
      record(traced, ids);
      made++;
    }
    out.end();
    out.end();
    return out.take();
  }

  private void record(boolean traced, long[] ids) {
    long nanos = startNanos + (long) (made * nanosPerRecord) + random.nextInt(1_000_000);
    int template = (int) (Math.pow(random.nextDouble(), 1.5) * TEMPLATES.size());
    int severity = severity();
    out.begin(2);
    out.fixed64(1, nanos);
    out.varint(2, severity);
    out.text(3, severity >= 17 ? "ERROR" : severity >= 13 ? "WARN" : "INFO");
    out.begin(5);
    out.text(1, body(template));
    out.end();
    out.attribute(6, "log.logger", LOGGERS[template]);
    out.attribute(6, "thread.name", "worker-" + random.nextInt(32));
    out.fixed32(8, 1);
    if (traced) {
      out.id(9, ids[0], ids[1]);
      out.id(10, ids[2]);
    }
    out.fixed64(11, nanos);
    out.end();
  }

  private String body(int template) {
    String rare = random.nextInt(50_000) == 0 ? " quorum lost" : "";
    return TEMPLATES
            .get(template)
            .formatted(
                random.nextInt(),
                (int) (Math.pow(random.nextDouble(), 2) * 100_000),
                random.nextInt(6) == 0 ? 500 : 200,
                random.nextInt(5_000))
        + rare;
  }

  private int severity() {
    int dice = random.nextInt(100);
    if (dice < 2) {
      return 17;
    }
    return dice < 7 ? 13 : 9;
  }
}
