package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;

/** The values of one attribute column. */
final class ValueColumn {
  private ValueColumn() {}

  /** Collects the values of one type. */
  static final class Writer {
    private final AttributeColumns.Type type;
    private final ColumnWriter column = new ColumnWriter();
    private final BytesColumn.Writer bytes = new BytesColumn.Writer();
    private int count;

    Writer(AttributeColumns.Type type) {
      this.type = type;
    }

    void add(KeyValue pair) {
      count++;
      AnyValue value = pair.getValue();
      switch (type) {
        case STRING -> bytes.add(value.getStringValueBytes());
        case INT -> column.signed(value.getIntValue());
        case DOUBLE -> column.fixed64(Double.doubleToRawLongBits(value.getDoubleValue()));
        case BOOL -> column.octet(value.getBoolValue() ? 1 : 0);
        case BYTES -> bytes.add(value.getBytesValue());
        case ANY -> bytes.add(value.toByteString());
        case PAIR -> bytes.add(pair.toByteString());
      }
    }

    int count() {
      return count;
    }

    ColumnWriter toColumn() {
      return switch (type) {
        case INT, DOUBLE, BOOL -> column;
        case STRING, BYTES, ANY, PAIR -> bytes.toColumn();
      };
    }
  }

  /** Values by their place in the column. */
  interface Reader {
    AnyValue value(int place);

    default ByteString bytes(int place) {
      throw new SegmentFormatException("a column of numbers has no bytes");
    }
  }

  static Reader read(AttributeColumns.Type type, ColumnReader in, int count) {
    return switch (type) {
      case INT -> {
        if (in.remaining() < count) {
          throw new SegmentFormatException("column shorter than its " + count + " values");
        }
        AnyValue[] values = new AnyValue[count];
        for (int i = 0; i < count; i++) {
          values[i] = AnyValue.newBuilder().setIntValue(in.signed()).build();
        }
        yield place -> values[place];
      }
      case DOUBLE -> {
        if (in.remaining() < 8L * count) {
          throw new SegmentFormatException("column shorter than its " + count + " values");
        }
        AnyValue[] values = new AnyValue[count];
        for (int i = 0; i < count; i++) {
          double value = Double.longBitsToDouble(in.fixed64());
          values[i] = AnyValue.newBuilder().setDoubleValue(value).build();
        }
        yield place -> values[place];
      }
      case BOOL -> {
        ByteString flags = in.raw(count);
        yield place -> AnyValue.newBuilder().setBoolValue(flags.byteAt(place) != 0).build();
      }
      case STRING, BYTES, ANY, PAIR -> new Bytes(type, BytesColumn.read(in, count));
    };
  }

  static AnyValue text(ByteString bytes) {
    if (!bytes.isValidUtf8()) {
      throw new SegmentFormatException("stored text is no UTF-8");
    }
    return AnyValue.newBuilder().setStringValueBytes(bytes).build();
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
