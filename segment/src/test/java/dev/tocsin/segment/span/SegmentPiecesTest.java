package dev.tocsin.segment.span;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.column.Piece;
import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.core.RandomOtlp;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A segment of which only what is needed was fetched answers as the whole one does. */
final class SegmentPiecesTest {
  private static final int SPANS = 4_000;

  private final EncodedSpans encoded = SpanSegments.encode(items());
  private final byte[][] blobs = {encoded.core(), encoded.ids(), encoded.attrs(), encoded.events()};
  private final SpanSegment whole =
      new SpanSegment(
          SpanSegments.FORMAT, encoded.core(), encoded.ids(), encoded.attrs(), encoded.events());
  private long fetched;

  private static List<SpanItem> items() {
    RandomOtlp otlp = new RandomOtlp(21);
    List<Origin> origins = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      origins.add(otlp.origin());
    }
    List<SpanItem> items = new ArrayList<>();
    for (int i = 0; i < SPANS; i++) {
      Span span = otlp.span(List.of());
      KeyValue unique =
          KeyValue.newBuilder()
              .setKey("unique")
              .setValue(AnyValue.newBuilder().setStringValue("value-" + i))
              .build();
      items.add(new SpanItem(origins.get(i % 12), i % 3 == 0 ? withAttribute(span, unique) : span));
    }
    return items;
  }

  private static Span withAttribute(Span span, KeyValue pair) {
    return span.toBuilder().addAttributes(pair).build();
  }

  /** As the database does. */
  private void fetch(SpanSegment segment, Need need, Optional<String> service) {
    List<Piece> missing = segment.missing(need, service);
    for (int round = 0; !missing.isEmpty(); round++) {
      assertThat(round).isLessThan(5);
      for (Piece piece : missing) {
        byte[] blob = blobs[piece.blob()];
        int to = (int) Math.min(blob.length, (long) piece.from() + piece.length());
        segment.add(piece, Arrays.copyOfRange(blob, piece.from(), to));
        fetched += to - piece.from();
      }
      missing = segment.missing(need, service);
    }
  }

  private long wholeSize() {
    return Arrays.stream(blobs).mapToLong(blob -> blob.length).sum();
  }

  @Test
  void oneService_isReadFromItsFrame() {
    for (String service : whole.services()) {
      SpanSegment segment = new SpanSegment(SpanSegments.FORMAT);
      fetch(segment, Need.of(Need.Part.ROWS), Optional.of(service));
      assertThat(segment.endRow(service)).isEqualTo(whole.endRow(service));
      for (int row = segment.firstRow(service); row < segment.endRow(service); row++) {
        assertThat(segment.name(row)).isEqualTo(whole.name(row));
        assertThat(segment.startNanos(row)).isEqualTo(whole.startNanos(row));
        assertThat(segment.durationNanos(row)).isEqualTo(whole.durationNanos(row));
      }
    }
    assertThat(fetched).isLessThan(wholeSize());
  }

  @Test
  void oneAttribute_isReadFromItsColumns() {
    SpanSegment segment = new SpanSegment(SpanSegments.FORMAT);
    fetch(segment, Need.ofKey("unique"), Optional.empty());
    assertThat(fetched).isLessThan(wholeSize() / 2);
    for (int i = 0; i < SPANS; i += 97) {
      String text = "value-" + i;
      BitSet rows = new BitSet();
      rows.set(0, segment.count());
      segment.retainAttribute("unique", text, v -> v.getStringValue().equals(text), rows);
      assertThat(rows.stream().boxed())
          .containsExactlyElementsOf(rowsWith(KeyValue.newBuilder().setKey("unique"), text));
    }
  }

  private List<Integer> rowsWith(KeyValue.Builder pair, String text) {
    KeyValue wanted = pair.setValue(AnyValue.newBuilder().setStringValue(text)).build();
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < whole.count(); row++) {
      if (whole.attributes(row).contains(wanted)) {
        rows.add(row);
      }
    }
    return rows;
  }

  @Test
  void everything_isReadAsItCame_afterItWasReadStepByStep() {
    SpanSegment segment = new SpanSegment(SpanSegments.FORMAT);
    String service = whole.services().get(1);
    fetch(segment, Need.of(Need.Part.ROWS), Optional.of(service));
    fetch(segment, Need.of(Need.Part.TRACES, Need.Part.ROOTS), Optional.of(service));
    fetch(segment, Need.of(Need.Part.RESOURCES, Need.Part.SCOPES), Optional.of(service));
    int row = whole.firstRow(service);
    assertThat(segment.traceId(row)).isEqualTo(whole.traceId(row));
    assertThat(segment.isRoot(row)).isEqualTo(whole.parentId(row).equals(ByteString.EMPTY));
    assertThat(segment.origin(row)).isEqualTo(whole.origin(row));
    fetch(segment, Need.ofKey("unique"), Optional.empty());
    fetch(segment, Need.ALL, Optional.empty());
    for (int i = 0; i < SPANS; i += 13) {
      assertThat(segment.span(i)).isEqualTo(whole.span(i));
    }
  }
}
