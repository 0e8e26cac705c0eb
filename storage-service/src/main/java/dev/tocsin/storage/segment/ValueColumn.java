package dev.tocsin.storage.segment;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.otlp.AttributeText;
import io.opentelemetry.proto.common.v1.AnyValue;

/** The values of one attribute column. */
final class ValueColumn {
  private ValueColumn() {}

  /** Collects the values of one type. */
  static final class Writer {
    private final AttributeColumns.Type type;
    private final ColumnWriter column = new ColumnWriter();
    private final HashSet64 distinct = new HashSet64();
    private final BytesColumn.Writer bytes;
    private int numbers;

    Writer(AttributeColumns.Type type, byte[] arena) {
      this.type = type;
      this.bytes = new BytesColumn.Writer(arena);
    }

    /** Adds a slice: a text, bytes or a serialized message. */
    void add(int from, int to) {
      bytes.add(from, to);
    }

    /** Adds a number, a truth value or the bits of a decimal one. */
    void add(long value) {
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

    int count() {
      return numbers + bytes.count();
    }

    BytesColumn.Writer bytes() {
      return bytes;
    }

    /** Whether {@link #distinct} has every number. */
    boolean fewNumbers() {
      return distinct.size() <= Tokens.VALUES_MAX;
    }

    HashSet64 distinct() {
      return distinct;
    }

    void addTo(Sections.Writer sections, String name) {
      switch (type) {
        case INT, DOUBLE, BOOL -> sections.add(name, column);
        case STRING, BYTES, ANY, PAIR -> bytes.addTo(sections, name);
      }
    }
  }

  /** Values by their place in the column. */
  interface Reader {
    AnyValue value(int place);

    /** Whether the value as text is this one. */
    default boolean is(int place, String text, byte[] utf8) {
      return AttributeText.of(value(place)).equals(text);
    }

    /** Whether any value may be this one as text. */
    default boolean mayHold(byte[] utf8) {
      return true;
    }

    default ByteString bytes(int place) {
      throw new SegmentFormatException("a column of numbers has no bytes");
    }
  }

  static Reader read(AttributeColumns.Type type, Sections.Reader sections, String name, int count) {
    return switch (type) {
      case INT -> {
        ColumnReader in = section(sections, name, count);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = in.signed();
        }
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

  static AnyValue text(ByteString bytes) {
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
    public boolean is(int place, String text, byte[] utf8) {
      return Long.toString(values[place]).equals(text);
    }
  }

  private record Bytes(AttributeColumns.Type type, BytesColumn.Reader column) implements Reader {
    @Override
    public AnyValue value(int place) {
      ByteString bytes = column.get(place);
      return switch (type) {
        case STRING -> text(bytes);
        case BYTES -> AnyValue.newBuilder().setBytesValue(bytes).build();
        default -> parse(bytes);
      };
    }

    @Override
    public boolean is(int place, String text, byte[] utf8) {
      return type == AttributeColumns.Type.STRING
          ? column.is(place, utf8)
          : AttributeText.of(value(place)).equals(text);
    }

    @Override
    public boolean mayHold(byte[] utf8) {
      return type != AttributeColumns.Type.STRING || column.mayHold(utf8);
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

  static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
