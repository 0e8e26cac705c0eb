package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.segment.log.EncodedLogs;
import dev.tocsin.segment.summary.ExceptionRow;
import dev.tocsin.storage.ports.Batch;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/**
 * A request that is sent again, because no answer came, is stored once and its exceptions count
 * once.
 */
final class RepeatedLogsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);

  private final ItemBuffer buffer = buffer();
  private long offset;

  private static ItemBuffer buffer() {
    return new ItemBuffer(
        new LogItems(CLOCK), new Window(CLOCK, Duration.ofDays(7), Duration.ofHours(1)));
  }

  private static KeyValue pair(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static LogRecord timeless(String text) {
    return LogRecord.newBuilder()
        .setBody(AnyValue.newBuilder().setStringValue(text))
        .addAttributes(pair("exception.type", "Refused"))
        .build();
  }

  private static LogRecord log(String text, long nanos) {
    long now = TimeUnit.SECONDS.toNanos(NOW.getEpochSecond());
    return timeless(text).toBuilder().setTimeUnixNano(now + nanos).build();
  }

  private static byte[] request(String service, LogRecord... logs) {
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            ResourceLogs.newBuilder()
                .setResource(Resource.newBuilder().addAttributes(pair("service.name", service)))
                .addScopeLogs(ScopeLogs.newBuilder().addAllLogRecords(List.of(logs))))
        .build()
        .toByteArray();
  }

  private void send(byte[] request) throws Exception {
    long arrived = NOW.toEpochMilli();
    assertThat(
            buffer.add(
                new ConsumerRecord<>(
                    "logs",
                    0,
                    offset++,
                    arrived,
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    null,
                    request,
                    new RecordHeaders(),
                    Optional.empty())))
        .isEmpty();
  }

  private int exceptions() {
    Batch.Logs stored = (Batch.Logs) buffer.drain(0).get();
    assertThat(stored.parts().stream().mapToInt(EncodedLogs::count).sum())
        .isEqualTo(stored.items());
    return stored.exceptions().stream().mapToInt(ExceptionRow::occurrences).sum();
  }

  @Test
  void request_countsOnce_howeverOftenItIsSent() throws Exception {
    for (int i = 0; i < 5; i++) {
      send(request("cart", log("refused", 1), log("refused", 2)));
    }
    assertThat(buffer.items()).isEqualTo(2);
    assertThat(buffer.drainRepeated()).isEqualTo(8);
    assertThat(exceptions()).isEqualTo(2);
  }

  /** Told by one and the same sender, or in the next request with others: they are two events. */
  @Test
  void equalRecords_areAsManyAsTheyAre_unlessAllOfARequestComesAgain() throws Exception {
    send(request("cart", log("refused", 1), log("refused", 1)));
    send(request("cart", log("refused", 1), log("accepted", 2)));
    send(request("mail", log("refused", 1), log("refused", 1)));
    assertThat(buffer.items()).isEqualTo(6);
    assertThat(buffer.drainRepeated()).isZero();
    assertThat(exceptions()).isEqualTo(6);
  }

  @Test
  void recordsWithoutATime_areAllKept() throws Exception {
    for (int i = 0; i < 3; i++) {
      send(request("cart", timeless("still here")));
    }
    assertThat(buffer.items()).isEqualTo(3);
    assertThat(buffer.drainRepeated()).isZero();
  }

  @Test
  void nothingIsKnown_toABufferThatBeginsAnew() throws Exception {
    byte[] request = request("cart", log("refused", 1));
    send(request);
    ItemBuffer next = buffer();
    assertThat(next.add(new ConsumerRecord<>("logs", 0, 0, null, request))).isEmpty();
    assertThat(next.items()).isEqualTo(1);
  }
}
