package dev.tocsin.segment.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.core.RandomOtlp;
import dev.tocsin.segment.index.HashSet64;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.index.TextSearch;
import dev.tocsin.segment.index.TextTokens;
import dev.tocsin.segment.index.TokenBloom;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogSegmentTest {

  @Test
  void records_comeBackAsTheyWere_whateverTheyHold() {
    for (long seed = 0; seed < 60; seed++) {
      RandomOtlp otlp = new RandomOtlp(seed);
      List<Origin> origins = List.of(otlp.origin(), otlp.origin(), otlp.origin());
      List<LogItem> items = new ArrayList<>();
      for (int i = 0; i < 1 + seed * 3; i++) {
        LogRecord log = otlp.log();
        long nanos =
            log.getTimeUnixNano() != 0 ? log.getTimeUnixNano() : 1_790_000_000_000_000_001L;
        items.add(new LogItem(origins.get(i % origins.size()), log, nanos));
      }
      EncodedLogs encoded = LogSegments.encode(items);
      LogSegment segment =
          new LogSegment(LogSegments.FORMAT, encoded.meta(), encoded.body(), encoded.attrs());
      List<String> expected =
          items.stream().map(i -> describe(i.nanos(), i.origin(), i.log())).toList();
      List<String> actual = new ArrayList<>();
      for (int row = 0; row < segment.count(); row++) {
        Origin origin =
            new Origin(
                segment.resource(row).toByteString(),
                segment.scope(row).toByteString(),
                segment.service(row));
        actual.add(describe(segment.nanos(row), origin, segment.log(row)));
      }
      assertThat(actual).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static String describe(long nanos, Origin origin, LogRecord log) {
    return nanos
        + " "
        + origin.service()
        + origin.resource().hashCode()
        + origin.scope().hashCode()
        + log
        + log.toByteString().hashCode();
  }

  @Test
  void bloom_holdsEveryWord_andFewOthers() {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      words.add("word" + i);
    }
    HashSet64 hashes = new HashSet64();
    words.forEach(word -> hashes.add(Hashes.of(word)));
    byte[] bloom = TokenBloom.of(hashes);
    assertThat(words).allMatch(word -> TokenBloom.mayContain(bloom, word));
    int wrong = 0;
    for (int i = 0; i < 5_000; i++) {
      wrong += TokenBloom.mayContain(bloom, "other" + i) ? 1 : 0;
    }
    assertThat(wrong).isLessThan(500);
  }

  @Test
  void mapBodies_areFoundAsJson_andByTheTextsInside() {
    AnyValue name = AnyValue.newBuilder().setStringValue("two\nlines").build();
    AnyValue user =
        AnyValue.newBuilder()
            .setKvlistValue(
                KeyValueList.newBuilder()
                    .addValues(KeyValue.newBuilder().setKey("name").setValue(name)))
            .build();
    AnyValue body =
        AnyValue.newBuilder()
            .setKvlistValue(
                KeyValueList.newBuilder()
                    .addValues(KeyValue.newBuilder().setKey("user").setValue(user)))
            .build();
    long nanos = 1_790_000_000_000_000_001L;
    LogRecord log = LogRecord.newBuilder().setTimeUnixNano(nanos).setBody(body).build();
    List<LogItem> items = new ArrayList<>();
    items.add(new LogItem(new RandomOtlp(1).origin(), log, nanos));
    EncodedLogs encoded = LogSegments.encode(items);
    LogSegment segment =
        new LogSegment(LogSegments.FORMAT, encoded.meta(), encoded.body(), encoded.attrs());
    for (String found :
        List.of("{\"user\":{\"name\":", "two\\nlines", "two", "lines", "user=name")) {
      assertThat(finds(segment, TextSearch.phrase(found))).as(found).isTrue();
      assertThat(finds(segment, TextSearch.containing(found))).as(found).isTrue();
    }
    assertThat(finds(segment, TextSearch.phrase("nlines user"))).isFalse();
    BitSet rows = new BitSet();
    rows.set(0);
    segment.retainBodies(body::equals, rows);
    assertThat(rows.cardinality()).isOne();
  }

  private static boolean finds(LogSegment segment, TextSearch search) {
    BitSet rows = new BitSet();
    rows.set(0);
    segment.retainTexts(search, rows);
    return rows.get(0);
  }

  @Test
  void phrase_isFound_onlyWhereItsEndsAreWordEnds() {
    String line = "Payment FAILED: card=42 (user-7)";
    assertThat(TextTokens.contains(line, "payment failed")).isTrue();
    assertThat(TextTokens.contains(line, "failed: card")).isTrue();
    assertThat(TextTokens.contains(line, "user-7")).isTrue();
    assertThat(TextTokens.contains(line, "fail")).isFalse();
    assertThat(TextTokens.contains(line, "42 (user")).isTrue();
    assertThat(TextTokens.of(line)).containsExactly("payment", "failed", "card", "42", "user");
  }
}
