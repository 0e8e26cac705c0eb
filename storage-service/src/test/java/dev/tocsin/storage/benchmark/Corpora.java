package dev.tocsin.storage.benchmark;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.otlp.wire.OtlpPart;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.OtlpSplitter;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.corpus.LogCorpus;
import dev.tocsin.testkit.corpus.MetricCorpus;
import dev.tocsin.testkit.corpus.SpanCorpus;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills Kafka with the reference corpus as ingest-service would. */
final class Corpora {
  private static final long SEED = 42;
  private static final int RECORD_BYTES_MAX = 900_000;
  private static final int SAMPLED_TRACES = 200;

  final long startNanos;
  final long lengthNanos;
  final List<ByteString> traceIds = new ArrayList<>();
  private final Options options;
  private final String bootstrapServers;

  /**
   * @param endMs when the corpus ends; it covers the six hours before
   */
  Corpora(Options options, String bootstrapServers, long endMs) {
    this.options = options;
    this.bootstrapServers = bootstrapServers;
    this.lengthNanos = Duration.ofHours(6).toNanos();
    this.startNanos = endMs * 1_000_000 - lengthNanos;
  }

  SpanCorpus spans(long count) {
    return new SpanCorpus(SEED, count, startNanos, lengthNanos);
  }

  void sendSpans() throws Exception {
    SpanCorpus corpus = spans(options.spans());
    send(Topic.SPANS, Signal.TRACES, corpus);
    long every = options.spans() / SpanCorpus.REQUEST_SPANS / SAMPLED_TRACES + 1;
    Iterator<byte[]> again = spans(options.spans());
    for (long i = 0; again.hasNext(); i++) {
      byte[] request = again.next();
      if (i % every == 0) {
        sample(request);
      }
    }
  }

  private void sample(byte[] request) throws InvalidProtocolBufferException {
    traceIds.add(
        ExportTraceServiceRequest.parseFrom(request)
            .getResourceSpans(0)
            .getScopeSpans(0)
            .getSpans(0)
            .getTraceId());
  }

  void sendLogs() throws Exception {
    send(Topic.LOGS, Signal.LOGS, new LogCorpus(SEED, options.logs(), startNanos, lengthNanos));
  }

  void sendMetrics() throws Exception {
    send(Topic.METRICS, Signal.METRICS, new MetricCorpus(SEED, options.rounds(), metricsStart()));
  }

  long metricsStart() {
    return startNanos + lengthNanos - options.rounds() * MetricCorpus.INTERVAL_NANOS;
  }

  private void send(Topic topic, Signal signal, Iterator<byte[]> requests) throws Exception {
    var serializer = new ByteArraySerializer();
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers", bootstrapServers,
            "compression.type", "lz4",
            "linger.ms", "20",
            "batch.size", "1000000",
            "max.request.size", "2000000");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, serializer, serializer)) {
      while (requests.hasNext()) {
        byte[] request = requests.next();
        for (OtlpPart part :
            OtlpSplitter.split(
                    OtlpScanner.scan(signal, request), options.partitions(), RECORD_BYTES_MAX)
                .parts()) {
          var unused =
              producer.send(
                  new ProducerRecord<>(topic.name(), part.partition(), null, part.value()));
        }
      }
      producer.flush();
    }
  }
}
