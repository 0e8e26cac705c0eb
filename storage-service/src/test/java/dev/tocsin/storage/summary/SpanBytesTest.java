package dev.tocsin.storage.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.storage.segment.Origin;
import dev.tocsin.storage.segment.SpanItem;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SpanBytesTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

  private final Random random = new Random(3);

  @Test
  void bytes_sayWhatTheMessageSays() throws Exception {
    SpanSummarizer fromBytes = new SpanSummarizer(CLOCK);
    SpanSummarizer fromMessages = new SpanSummarizer(CLOCK);
    for (int i = 0; i < 300; i++) {
      Span span = span();
      byte[] alone = span.toByteArray();
      byte[] within = new byte[alone.length + 7];
      System.arraycopy(alone, 0, within, 3, alone.length);
      SpanBytes.tell("web", within, 3, 3 + alone.length, fromBytes);
      Origin origin = new Origin(ByteString.EMPTY, ByteString.EMPTY, "web");
      OtlpFeed.tell(new SpanItem(origin, span), fromMessages);
    }
    SpanSummary summary = fromBytes.drain();
    assertThat(summary.exceptions()).isNotEmpty();
    assertThat(summary.edges()).isNotEmpty();
    assertThat(summary).usingRecursiveComparison().isEqualTo(fromMessages.drain());
  }

  @Test
  void nothing_isCounted_whenTheBytesAreCut() {
    SpanSummarizer summarizer = new SpanSummarizer(CLOCK);
    byte[] bytes = span().toByteArray();
    assertThatThrownBy(() -> SpanBytes.tell("web", bytes, 0, bytes.length - 1, summarizer))
        .isInstanceOf(InvalidProtocolBufferException.class);
    assertThat(summarizer.drain().red()).isEmpty();
  }

  private Span span() {
    long start = 1_764_000_000_000_000_000L + random.nextInt(1_000_000_000);
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(id(16))
            .setSpanId(id(8))
            .setTraceState("a=b")
            .setName("op-" + random.nextInt(4))
            .setKindValue(random.nextInt(6))
            .setStartTimeUnixNano(start)
            .setEndTimeUnixNano(start + random.nextInt(1_000_000_000))
            .setDroppedEventsCount(random.nextInt(2))
            .addAttributes(attribute("http.route", "/x"));
    if (random.nextBoolean()) {
      span.setParentSpanId(id(8));
      span.addAttributes(attribute("db.system.name", "redis"));
    }
    if (random.nextBoolean()) {
      span.addEvents(Span.Event.newBuilder().setName("retry").setTimeUnixNano(start));
      span.addEvents(
          Span.Event.newBuilder()
              .setTimeUnixNano(start)
              .setName("exception")
              .addAttributes(attribute("exception.type", "T" + random.nextInt(3)))
              .addAttributes(attribute("exception.message", "no")));
    }
    // Last, so that a cut message is cut here.
    return span.setStatus(
            Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR).setMessage("failed"))
        .build();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private ByteString id(int bytes) {
    return ByteString.copyFrom(
        ByteBuffer.allocate(bytes).putLong(bytes - 8, random.nextLong()).array());
  }
}
