package dev.tocsin.segment.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.column.AttributeColumns;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.core.RandomOtlp;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SpanSegmentTest {

  @Test
  void spans_comeBackAsTheyWere_whateverTheyHold() throws Exception {
    for (long seed = 0; seed < 60; seed++) {
      List<SpanItem> items = items(seed);
      SpanSegment segment = decode(SpanSegments.encode(items));
      List<String> expected = new ArrayList<>();
      for (SpanItem item : items) {
        expected.add(describe(whole(item)));
      }
      List<String> actual = new ArrayList<>();
      for (int row = 0; row < segment.count(); row++) {
        actual.add(describe(segment.resourceSpans(List.of(row)).get(0)));
      }
      assertThat(actual).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  /** What a search for spans that touch a time goes by. */
  @Test
  void ends_areThoseOfTheSpans_orTheirStartWhenTheySayNone() {
    long start = 1_700_000_000_000_000_000L;
    Span.Builder span = Span.newBuilder().setTraceId(ByteString.copyFrom(new byte[16]));
    List<SpanItem> items = new ArrayList<>();
    Origin origin = items(1).get(0).origin();
    long[] ends = {start + 9, 0, start + 3_600_000_000_000L * 30, -1};
    for (int i = 0; i < ends.length; i++) {
      span.setName("op" + i).setStartTimeUnixNano(start + i).setEndTimeUnixNano(ends[i]);
      items.add(new SpanItem(origin, span.build()));
    }
    EncodedSpans encoded = SpanSegments.encode(items);
    assertThat(encoded.maxEndNanos()).isEqualTo(ends[2]);
    SpanSegment segment = decode(encoded);
    assertThat(IntStream.range(0, 4).mapToLong(segment::endNanos))
        .containsExactly(start + 9, start + 1, ends[2], start + 3);
    assertThat(SpanSegments.encode(List.of(items.get(3))).maxEndNanos()).isEqualTo(start + 3);
  }

  @Test
  void rows_areGroupedByResourceAndScope_whenReadTogether() {
    List<SpanItem> items = items(7);
    SpanSegment segment = decode(SpanSegments.encode(items));
    List<ResourceSpans> together =
        segment.resourceSpans(IntStream.range(0, segment.count()).boxed().toList());
    long spans =
        together.stream()
            .flatMap(r -> r.getScopeSpansList().stream())
            .mapToLong(ScopeSpans::getSpansCount)
            .sum();
    assertThat(spans).isEqualTo(items.size());
    assertThat(together).hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void attributes_survive_whenThereAreMoreKeysThanColumns() {
    RandomOtlp otlp = new RandomOtlp(1);
    Span.Builder span = Span.newBuilder().setTraceId(otlp.id(16)).setSpanId(otlp.id(8));
    for (int i = 0; i < AttributeColumns.COLUMNS_MAX + 500; i++) {
      span.addAttributes(
          KeyValue.newBuilder()
              .setKey("k" + i)
              .setValue(AnyValue.newBuilder().setIntValue(i).build()));
    }
    SpanSegment segment =
        decode(SpanSegments.encode(List.of(new SpanItem(otlp.origin(), span.build()))));
    assertThat(segment.span(0)).isEqualTo(span.build());
  }

  @Test
  void columns_answerWithoutBuildingSpans() {
    List<SpanItem> items = items(3);
    SpanSegment segment = decode(SpanSegments.encode(items));
    for (int row = 0; row < segment.count(); row++) {
      Span span = segment.span(row);
      assertThat(segment.traceId(row)).isEqualTo(span.getTraceId());
      assertThat(segment.name(row)).isEqualTo(span.getName());
      assertThat(segment.kind(row)).isEqualTo(span.getKindValue());
      assertThat(segment.status(row)).isEqualTo(span.getStatus().getCodeValue());
      assertThat(segment.startNanos(row)).isEqualTo(span.getStartTimeUnixNano());
      assertThat(segment.attributes(row)).isEqualTo(span.getAttributesList());
    }
  }

  @Test
  void damagedBlobs_areFormatErrors_neverAnythingElse() {
    EncodedSpans encoded = SpanSegments.encode(items(11));
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] core = damaged(encoded.core(), random);
      byte[] attrs = damaged(encoded.attrs(), random);
      try {
        SpanSegment segment =
            new SpanSegment(SpanSegments.FORMAT, core, encoded.ids(), attrs, encoded.events());
        for (int row = 0; row < segment.count(); row++) {
          segment.span(row);
        }
      } catch (SegmentFormatException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void segment_isRefused_whenItsFormatIsNewer() {
    EncodedSpans encoded = SpanSegments.encode(items(1));
    assertThatThrownBy(
            () ->
                new SpanSegment(
                    3, encoded.core(), encoded.ids(), encoded.attrs(), encoded.events()))
        .isInstanceOf(SegmentFormatException.class)
        .hasMessage("span segment format 3 (expected: 2)");
  }

  private static byte[] damaged(byte[] blob, Random random) {
    byte[] copy = Arrays.copyOf(blob, blob.length - random.nextInt(3));
    for (int i = random.nextInt(3); i > 0; i--) {
      copy[random.nextInt(copy.length)] = (byte) random.nextInt();
    }
    return copy;
  }

  private static List<SpanItem> items(long seed) {
    RandomOtlp otlp = new RandomOtlp(seed);
    List<Origin> origins = List.of(otlp.origin(), otlp.origin(), otlp.origin(), otlp.origin());
    List<SpanItem> items = new ArrayList<>();
    List<ByteString> ids = new ArrayList<>();
    for (int i = 0; i < 1 + seed * 3; i++) {
      Span span = otlp.span(ids);
      ids.add(span.getSpanId());
      items.add(new SpanItem(origins.get(i % origins.size()), span));
    }
    return items;
  }

  private static ResourceSpans whole(SpanItem item) throws Exception {
    return ResourceSpans.parseFrom(item.origin().resource()).toBuilder()
        .addScopeSpans(
            ScopeSpans.parseFrom(item.origin().scope()).toBuilder().addSpans(item.span()))
        .build();
  }

  /** Bytes rather than equals: a NaN does not equal itself, and nothing may be reordered. */
  private static String describe(ResourceSpans spans) {
    return spans + " = " + spans.toByteString().hashCode();
  }

  private static SpanSegment decode(EncodedSpans encoded) {
    return new SpanSegment(
        SpanSegments.FORMAT, encoded.core(), encoded.ids(), encoded.attrs(), encoded.events());
  }
}
