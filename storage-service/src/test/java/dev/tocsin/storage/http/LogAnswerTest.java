package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.read.scan.Shortening;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a record takes in an answer is known before it is made, and is bounded in lists. */
final class LogAnswerTest {
  private static final int ROUNDS = 300;
  private static final long LISTED_BYTES_MAX = 1 << 20;
  private static final String[] CHARACTERS = {
    "\u0001", "a", "\"", "\u00e9", "\u6f22", "\ud83d\ude00"
  };

  private final Random random = new Random(7);

  @Test
  void answerBytes_areAtLeastThoseOfTheAnswer_whateverTheRecord() {
    for (int i = 0; i < ROUNDS; i++) {
      StoredLog log = stored(record(), resource(), false);
      assertThat(log.answerBytes()).isGreaterThanOrEqualTo(LogJson.of(log).toBuffer().length());
    }
  }

  @Test
  void listedRecord_isBounded_whateverTheRecord() {
    for (int i = 0; i < ROUNDS; i++) {
      Shortening shortening = new Shortening();
      LogRecord record = record();
      LogRecord listed = shortening.log(record);
      StoredLog log = stored(listed, shortening.resource(resource()), shortening.hasCut());

      assertThat(log.answerBytes()).isLessThan(LISTED_BYTES_MAX);
      assertThat(shortening.hasCut() || listed.equals(record)).isTrue();
      ApiSchemas.assertValid("Log", LogJson.of(log));
    }
  }

  @Test
  void text_endsWithAWholeCharacter() {
    assertThat(Shortening.text("\u6f22".repeat(9), 10)).isEqualTo("\u6f22".repeat(3));
    assertThat(Shortening.text("\ud83d\ude00".repeat(9), 10)).isEqualTo("\ud83d\ude00".repeat(2));
    assertThat(Shortening.text("short", 10)).isEqualTo("short");
    assertThat(Shortening.text("0123456789", 10)).isEqualTo("0123456789");
    assertThat(Shortening.text("0123456789!", 10)).isEqualTo("0123456789");
  }

  private static StoredLog stored(LogRecord log, ResourceLogs resource, boolean truncated) {
    String text = log.getBody().getStringValue();
    ScopeLogs scope = ScopeLogs.getDefaultInstance();
    return new StoredLog(1, "cart", text, log, resource, scope, truncated);
  }

  private LogRecord record() {
    LogRecord.Builder record =
        LogRecord.newBuilder()
            .setTimeUnixNano(random.nextLong())
            .setTraceId(ByteString.copyFrom(new byte[16]))
            .setSeverityText(text())
            .setDroppedAttributesCount(random.nextInt())
            .setBody(value(4));
    for (int i = random.nextInt(6); i > 0; i--) {
      record.addAttributes(pair(4));
    }
    return record.build();
  }

  private ResourceLogs resource() {
    return ResourceLogs.newBuilder()
        .setSchemaUrl(text())
        .setResource(Resource.newBuilder().addAttributes(pair(3)))
        .build();
  }

  private KeyValue pair(int depth) {
    return KeyValue.newBuilder().setKey(text()).setValue(value(depth)).build();
  }

  private AnyValue value(int depth) {
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> value.setIntValue(random.nextLong());
      case 1 -> value.setDoubleValue(-Double.MIN_NORMAL * random.nextDouble());
      case 2 -> value.setBoolValue(random.nextBoolean());
      case 3 -> value.setBytesValue(ByteString.copyFromUtf8(text()));
      case 4, 5 -> value.setStringValue(text());
      case 6 -> {
        ArrayValue.Builder values = ArrayValue.newBuilder();
        for (int i = random.nextInt(9); i > 0; i--) {
          values.addValues(value(depth - 1));
        }
        value.setArrayValue(values);
      }
      default -> {
        KeyValueList.Builder pairs = KeyValueList.newBuilder();
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 5_000 : 9); i > 0; i--) {
          pairs.addValues(i > 9 ? KeyValue.newBuilder().setKey("k" + i).build() : pair(depth - 1));
        }
        value.setKvlistValue(pairs);
      }
    }
    return value.build();
  }

  /** Mostly short, sometimes far too long. */
  private String text() {
    int length = random.nextInt(20) == 0 ? random.nextInt(200_000) : random.nextInt(30);
    return CHARACTERS[random.nextInt(CHARACTERS.length)].repeat(length);
  }
}
