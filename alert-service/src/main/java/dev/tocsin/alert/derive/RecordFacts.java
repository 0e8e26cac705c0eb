package dev.tocsin.alert.derive;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.otlp.wire.RecentItems;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What one record gives, by itself: it is used whole or not at all. */
final class RecordFacts implements OtlpFacts.Sink {
  /** One record's series beyond this overflow; far more than the batches of any sender give. */
  private static final long RED_BYTES_MAX = 16L << 20;

  private final RedBatch red = new RedBatch(RED_BYTES_MAX);
  private final Set<Heartbeats.Beat> beats = new LinkedHashSet<>();
  private final int instancesMax;
  private final RecentItems recent;
  private long repeated;

  private RecordFacts(int instancesMax, RecentItems recent) {
    this.instancesMax = instancesMax;
    this.recent = recent;
  }

  /**
   * @param instancesMax how many jobs and instances are taken note of
   * @param recent the spans of the partition that count already; those of the record are noted
   * @throws InvalidProtocolBufferException when the record is no request; some of its spans may
   *     have been noted, though they do not count
   */
  static RecordFacts of(
      ConsumerRecord<byte[], byte[]> message, int instancesMax, RecentItems recent)
      throws InvalidProtocolBufferException {
    RecordFacts facts = new RecordFacts(instancesMax, recent);
    byte[] value = message.value();
    if (value == null) {
      return facts;
    }
    if (message.topic().equals(Topic.SPANS.name())) {
      OtlpFacts.ofTraces(value, facts);
    } else {
      OtlpFacts.ofResources(value, facts);
    }
    return facts;
  }

  @Override
  public void resource(ResourceIdentity resource) {
    // One more than is allowed tells Heartbeats that there are too many.
    if (resource.missed() && beats.size() <= instancesMax) {
      beats.add(Heartbeats.Beat.of(resource));
    }
  }

  /** A span that its sender sent again counts once. */
  @Override
  public boolean wants(long origin, byte[] bytes, int from, int to) {
    boolean fresh = recent.isNew(origin, bytes, from, to);
    repeated += fresh ? 0 : 1;
    return fresh;
  }

  @Override
  public void span(SpanFact span) {
    red.add(span);
  }

  /** How many spans were left out because they count already. */
  long repeated() {
    return repeated;
  }

  RedBatch red() {
    return red;
  }

  Set<Heartbeats.Beat> beats() {
    return beats;
  }
}
