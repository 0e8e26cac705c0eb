package dev.tocsin.alert.derive;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
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

  private RecordFacts(int instancesMax) {
    this.instancesMax = instancesMax;
  }

  /**
   * @param instancesMax how many jobs and instances are taken note of
   * @throws InvalidProtocolBufferException when the record is no request
   */
  static RecordFacts of(ConsumerRecord<byte[], byte[]> message, int instancesMax)
      throws InvalidProtocolBufferException {
    RecordFacts facts = new RecordFacts(instancesMax);
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
    if (beats.size() <= instancesMax) {
      beats.add(Heartbeats.Beat.of(resource));
    }
  }

  @Override
  public void span(SpanFact span) {
    red.add(span);
  }

  RedBatch red() {
    return red;
  }

  Set<Heartbeats.Beat> beats() {
    return beats;
  }
}
