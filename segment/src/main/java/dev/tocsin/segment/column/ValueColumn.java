package dev.tocsin.segment.column;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.index.HashSet64;
import dev.tocsin.segment.index.Tokens;
import io.opentelemetry.proto.common.v1.AnyValue;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The values of one attribute column. */
public final class ValueColumn {
  private ValueColumn() {}

  /** Collects the values of one type. */
  public static final class Writer {
    private final AttributeColumns.Type type;
    private final ColumnWriter column = new ColumnWriter();
    private final HashSet64 distinct = new HashSet64();
    private final BytesColumn.Writer bytes;
    private int numbers;

    public Writer(AttributeColumns.Type type, byte[] arena) {
      this.type = type;
      this.bytes = new BytesColumn.Writer(arena);
    }

    /** Adds a slice: a text, bytes or a serialized message. */
    public void add(int from, int to) {
      bytes.add(from, to);
    }

    /** Adds a number, a truth value or the bits of a decimal one. */
    public void add(long value) {
      numbers++;
      switch (type) {
        case INT -> column.signed(value);
        case BOOL -> column.octet(value != 0 ? 1 : 0);
        default -> column.fixed64(value);
      }
      if (distinct.size() <= Tokens.VALUES_MAX) {
        distinct.add(value);
      }
    }

    public int count() {
      return numbers + bytes.count();
    }

    public BytesColumn.Writer bytes() {
      return bytes;
    }

    /** Whether {@link #distinct} has every number. */
    public boolean fewNumbers() {
      return distinct.size() <= Tokens.VALUES_MAX;
    }

    public HashSet64 distinct() {
      return distinct;
    }

    public void addTo(Sections.Writer sections, String name) {
      switch (type) {
        case INT, DOUBLE, BOOL -> sections.add(name, column);
        case STRING, BYTES, ANY, PAIR -> bytes.addTo(sections, name);
      }
    }
  }

  /** Values by their place in the column. */
  interface Reader {
    AnyValue value(int place);

    /**
     * A test of values by place.
     *
     * @param text when given, no value that is another as text passes
     */
    default IntPredicate matching(@Nullable String text, Predicate<AnyValue> test) {
      return place -> test.test(value(place));
    }

    public default ByteString bytes(int place) {
      throw new SegmentFormatException("a column of numbers has no bytes");
    }
  }

  static Reader read(AttributeColumns.Type type, Sections.Reader sections, String name, int count) {
    return switch (type) {
      case INT -> {
        ColumnReader in = section(sections, name, count);
        long[] values = new long[count];
        in.signed(values, 0, count);
        yield new Whole(values);
      }
      case DOUBLE -> {
        ColumnReader in = section(sections, name, 8L * count);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
          values[i] = Double.longBitsToDouble(in.fixed64());
        }
        yield place -> AnyValue.newBuilder().setDoubleValue(values[place]).build();
      }
      case BOOL -> {
        ByteString flags = section(sections, name, count).raw(count);
        yield place -> AnyValue.newBuilder().setBoolValue(flags.byteAt(place) != 0).build();
      }
      case STRING, BYTES, ANY, PAIR -> new Bytes(type, BytesColumn.read(sections, name, count));
    };
  }

  private static ColumnReader section(Sections.Reader sections, String name, long bytesMin) {
    ColumnReader in = sections.section(name);
    if (in.remaining() < bytesMin) {
      throw new SegmentFormatException("column shorter than its values: " + in.remaining());
    }
    return in;
  }

  public static AnyValue text(ByteString bytes) {
    if (!bytes.isValidUtf8()) {
      throw new SegmentFormatException("stored text is no UTF-8");
    }
    return AnyValue.newBuilder().setStringValueBytes(bytes).build();
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Whole(long[] values) implements Reader {
    @Override
    public AnyValue value(int place) {
      return AnyValue.newBuilder().setIntValue(values[place]).build();
    }

    @Override
    public IntPredicate matching(@Nullable String text, Predicate<AnyValue> test) {
      if (text == null) {
        return Reader.super.matching(null, test);
      }
      long wanted;
      try {
        wanted = Long.parseLong(text);
      } catch (NumberFormatException noWholeNumber) {
        return place -> false;
      }
      return place -> values[place] == wanted && test.test(value(place));
    }
  }

  private record Bytes(AttributeColumns.Type type, BytesColumn.Reader column) implements Reader {
    @Override
    public AnyValue value(int place) {
      return value(column.get(place));
    }

    private AnyValue value(ByteString bytes) {
      return switch (type) {
        case STRING -> text(bytes);
        case BYTES -> AnyValue.newBuilder().setBytesValue(bytes).build();
        default -> parse(bytes);
      };
    }

    @Override
    public IntPredicate matching(@Nullable String text, Predicate<AnyValue> test) {
      byte[] utf8 =
          text == null || type != AttributeColumns.Type.STRING ? null : text.getBytes(UTF_8);
      return column.memoized(
          (bytes, from, to) ->
              (utf8 == null || Arrays.equals(bytes, from, to, utf8, 0, utf8.length))
                  && test.test(value(ByteString.copyFrom(bytes, from, to - from))));
    }

    @Override
    public ByteString bytes(int place) {
      return column.get(place);
    }

    private static AnyValue parse(ByteString bytes) {
      try {
        return AnyValue.parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        throw new SegmentFormatException("stored AnyValue: " + e.getMessage(), e);
      }
    }
  }
}
