package dev.tocsin.alert.derive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.testkit.sim.SimRecord;
import dev.tocsin.testkit.sim.SimScheduler;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/**
 * Requests each of which is known by a name that no other has: that of its spans, and of the
 * instance that sent it. So it shows in what is derived how often it was counted.
 */
final class DeriveRecords {
  private static final Pattern NAME = Pattern.compile("record-\\d+-[A-Z]+");
  private static final int SPANS_MAX = 3;

  private final SimScheduler chance;
  private int made;

  /** What becomes of a record. */
  enum Temper {
    GOOD,
    /** Is no request. */
    MALFORMED,
    /** Kafka refuses what is made of it. */
    REFUSED,
    /** Whenever something is made of it, Kafka does not answer. */
    CHOKING
  }

  DeriveRecords(SimScheduler chance) {
    this.chance = chance;
  }

  /** Mostly good; one in so many is not. Those that choke are for seeds of their own. */
  Temper any(int goodShare, boolean mayChoke) {
    if (chance.pick(goodShare) > 0) {
      return Temper.GOOD;
    }
    Temper[] all = Temper.values();
    return all[chance.pick(mayChoke ? all.length : all.length - 1)];
  }

  byte[] value(TopicPartition to, Temper temper) {
    String name = "record-" + made++ + "-" + temper;
    byte[] whole = request(to.topic(), name).toByteArray();
    // No field has the number 0.
    return temper == Temper.MALFORMED ? Arrays.copyOf(whole, whole.length + 1) : whole;
  }

  private com.google.protobuf.Message request(String topic, String name) {
    Resource sender =
        Resource.newBuilder()
            .addAttributes(attribute("service.name", "shop"))
            .addAttributes(attribute("service.instance.id", name))
            .build();
    if (topic.equals(Topic.LOGS.name())) {
      return ExportLogsServiceRequest.newBuilder()
          .addResourceLogs(ResourceLogs.newBuilder().setResource(sender))
          .build();
    } else if (topic.equals(Topic.METRICS.name())) {
      return ExportMetricsServiceRequest.newBuilder()
          .addResourceMetrics(ResourceMetrics.newBuilder().setResource(sender))
          .build();
    }
    ScopeSpans.Builder spans = ScopeSpans.newBuilder();
    for (int i = chance.pick(SPANS_MAX); i >= 0; i--) {
      spans.addSpans(Span.newBuilder().setName(name).setSpanId(ByteString.copyFromUtf8("" + i)));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(sender).addScopeSpans(spans))
        .build();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  static String name(byte[] value) {
    Matcher found = NAME.matcher(new String(value, ISO_8859_1));
    if (!found.find()) {
      throw new IllegalArgumentException("a record without a name");
    }
    return found.group();
  }

  static Temper temper(String name) {
    return Temper.valueOf(name.substring(name.lastIndexOf('-') + 1));
  }

  /** Whether something is made of a record of that kind. */
  static boolean has(byte[] derived, Temper temper) {
    return new String(derived, ISO_8859_1).contains("-" + temper);
  }

  /** Whether something of the record is in what has been derived. */
  static boolean isIn(List<SimRecord> derived, SimRecord written) {
    String name = name(written.value());
    return derived.stream().anyMatch(one -> new String(one.value(), ISO_8859_1).contains(name));
  }

  /** How many spans of that record there are. */
  static int spans(SimRecord written) {
    String text = new String(written.value(), ISO_8859_1);
    return written.partition().topic().equals(Topic.SPANS.name())
        ? (int) NAME.matcher(text).results().count() - 1
        : 0;
  }

  /**
   * What has been derived, by name.
   *
   * @param calls of spans
   * @param beats of instances
   * @param usedMs when it was first seen of an instance
   */
  record Derived(
      Map<String, Double> calls,
      Map<String, Double> beats,
      Map<String, Long> usedMs,
      long ownBeatMs) {

    static Derived of(List<SimRecord> records) {
      Map<String, Double> calls = new HashMap<>();
      Map<String, Double> beats = new HashMap<>();
      Map<String, Long> usedMs = new HashMap<>();
      long ownBeatMs = 0;
      for (SimRecord one : records) {
        boolean own =
            new String(one.value(), ISO_8859_1).contains(DerivedRequests.DERIVE_HEARTBEAT);
        ownBeatMs = own ? Math.max(ownBeatMs, one.timestampMs()) : ownBeatMs;
        Map<String, Double> now = new HashMap<>();
        read(one.value(), calls, now);
        now.forEach(
            (name, count) -> {
              beats.merge(name, count, Double::sum);
              usedMs.merge(name, one.timestampMs(), Math::min);
            });
      }
      return new Derived(calls, beats, usedMs, ownBeatMs);
    }

    private static void read(byte[] value, Map<String, Double> calls, Map<String, Double> beats) {
      ExportMetricsServiceRequest request;
      try {
        request = ExportMetricsServiceRequest.parseFrom(value);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("what is derived cannot be read", e);
      }
      PrometheusSeries.read(
          request,
          (labels, kind, timeMs, startMs, count) -> {
            String metric = labels.get("__name__");
            if (metric.equals("traces_span_metrics_calls_total")) {
              calls.merge(labels.get("span_name"), count, Double::sum);
            } else if (metric.equals("tocsin_heartbeat_total")) {
              beats.merge(labels.get("instance"), count, Double::sum);
            }
          });
    }
  }
}
