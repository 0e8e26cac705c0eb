package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as typed columns. The <em>shape</em> of an item is the list of columns its attributes
 * go to, in their order; a column holds values only for the items that have it, in item order, so
 * order and duplicate keys survive. Whatever has no plain type is kept as serialized protobuf.
 */
final class AttributeColumns {
  /** Beyond so many columns further keys share one, as serialized {@code KeyValue}s. */
  static final int COLUMNS_MAX = 2_000;

  private static final int SHAPES_MAX = 1 << 24;

  /** How the values of a column are stored; the code is part of the format. */
  enum Type {
    STRING(0),
    INT(1),
    DOUBLE(2),
    BOOL(3),
    BYTES(4),
    /** Serialized {@code AnyValue}: arrays, maps, no value, what later versions add. */
    ANY(5),
    /** Serialized {@code KeyValue}; the column's key is empty. */
    PAIR(6);

    final int code;

    Type(int code) {
      this.code = code;
    }

    static Type of(int code) {
      for (Type type : values()) {
        if (type.code == code) {
          return type;
        }
      }
      throw new SegmentFormatException("column type " + code + " (expected: 0-6)");
    }
  }

  record Column(String key, Type type) {}

  private AttributeColumns() {}

  static Column columnOf(KeyValue pair) {
    boolean plain =
        pair.hasValue() && pair.getKeyStrindex() == 0 && pair.getUnknownFields().asMap().isEmpty();
    return plain ? new Column(pair.getKey(), typeOf(pair.getValue())) : new Column("", Type.PAIR);
  }

  private static Type typeOf(AnyValue value) {
    if (!value.getUnknownFields().asMap().isEmpty()) {
      return Type.ANY;
    }
    return switch (value.getValueCase()) {
      case STRING_VALUE -> Type.STRING;
      case INT_VALUE -> Type.INT;
      case DOUBLE_VALUE -> Type.DOUBLE;
      case BOOL_VALUE -> Type.BOOL;
      case BYTES_VALUE -> Type.BYTES;
      case ARRAY_VALUE, KVLIST_VALUE, STRING_VALUE_STRINDEX, VALUE_NOT_SET -> Type.ANY;
    };
  }

  /** Takes items one by one; not thread-safe. */
  static final class Writer {
    private final Dictionary<Column> columns = new Dictionary<>();
    private final List<ValueColumn.Writer> values = new ArrayList<>();
    private final Dictionary<List<Integer>> shapes = new Dictionary<>();

    /** Adds one item's attributes and returns its shape. */
    int add(List<KeyValue> attributes) {
      List<Integer> shape = new ArrayList<>(attributes.size());
      for (KeyValue pair : attributes) {
        Column column = columnOf(pair);
        int index = columns.size() < COLUMNS_MAX ? columns.index(column) : lateIndex(column);
        if (index == values.size()) {
          values.add(new ValueColumn.Writer(columns.values().get(index).type()));
        }
        values.get(index).add(pair);
        shape.add(index);
      }
      return shapes.index(shape);
    }

    private int lateIndex(Column column) {
      int known = columns.find(column);
      return known >= 0 ? known : columns.index(new Column("", Type.PAIR));
    }

    byte[] toBytes() {
      Sections.Writer sections = new Sections.Writer();
      ColumnWriter directory = new ColumnWriter();
      directory.unsigned(columns.size());
      for (int i = 0; i < columns.size(); i++) {
        Column column = columns.values().get(i);
        directory.text(column.key());
        directory.octet(column.type().code);
        directory.unsigned(values.get(i).count());
      }
      sections.add("columns", directory);
      ColumnWriter shapeList = new ColumnWriter();
      shapeList.unsigned(shapes.size());
      for (List<Integer> shape : shapes.values()) {
        shapeList.unsigned(shape.size());
        shape.forEach(shapeList::unsigned);
      }
      sections.add("shapes", shapeList);
      for (int i = 0; i < columns.size(); i++) {
        sections.add(Integer.toString(i), values.get(i).toColumn());
      }
      return sections.toBytes();
    }
  }

  /** Random access to the attributes of items by their place; columns are inflated when needed. */
  static final class Reader {
    private final Sections.Reader sections;
    private final List<Column> columns = new ArrayList<>();
    private final int[] counts;
    private final int[][] shapes;
    private final ValueColumn.@Nullable Reader[] values;
    private final int[] shapeOfItem;

    /** Per item the place in {@link #cursors} of its first attribute. */
    private final int[] firstCursor;

    /** Per attribute, in item order, its place in its column. */
    private final int[] cursors;

    /**
     * @param shapeOfItem shape of each item in stored order
     */
    Reader(byte[] blob, int[] shapeOfItem) {
      this.shapeOfItem = shapeOfItem;
      sections = new Sections.Reader(blob);
      ColumnReader directory = sections.section("columns");
      int columnCount = directory.count(COLUMNS_MAX + 1);
      counts = new int[columnCount];
      for (int i = 0; i < columnCount; i++) {
        columns.add(new Column(directory.text(), Type.of(directory.octet())));
        counts[i] = directory.count(Integer.MAX_VALUE);
      }
      shapes = readShapes(sections.section("shapes"), columnCount);
      values = new ValueColumn.Reader[columnCount];
      firstCursor = new int[shapeOfItem.length];
      cursors = place();
    }

    private static int[][] readShapes(ColumnReader in, int columnCount) {
      int[][] shapes = new int[in.count(SHAPES_MAX)][];
      for (int i = 0; i < shapes.length; i++) {
        shapes[i] = new int[in.count(in.remaining())];
        for (int j = 0; j < shapes[i].length; j++) {
          shapes[i][j] = in.index(columnCount);
        }
      }
      return shapes;
    }

    private int[] place() {
      int total = 0;
      for (int item = 0; item < shapeOfItem.length; item++) {
        if (shapeOfItem[item] >= shapes.length) {
          throw new SegmentFormatException("shape " + shapeOfItem[item] + " of " + shapes.length);
        }
        firstCursor[item] = total;
        total += shapes[shapeOfItem[item]].length;
      }
      int[] places = new int[total];
      int[] next = new int[columns.size()];
      int at = 0;
      for (int shape : shapeOfItem) {
        for (int column : shapes[shape]) {
          places[at++] = next[column]++;
        }
      }
      if (!Arrays.equals(next, counts)) {
        throw new SegmentFormatException("the shapes use more or fewer values than stored");
      }
      return places;
    }

    List<KeyValue> attributes(int item) {
      int[] shape = shapes[shapeOfItem[item]];
      List<KeyValue> attributes = new ArrayList<>(shape.length);
      for (int i = 0; i < shape.length; i++) {
        attributes.add(pair(shape[i], cursors[firstCursor[item] + i]));
      }
      return attributes;
    }

    private KeyValue pair(int column, int place) {
      ValueColumn.Reader reader = values[column];
      if (reader == null) {
        reader =
            ValueColumn.read(
                columns.get(column).type(),
                sections.section(Integer.toString(column)),
                counts[column]);
        values[column] = reader;
      }
      String key = columns.get(column).key();
      if (columns.get(column).type() == Type.PAIR) {
        return parsePair(reader.bytes(place));
      }
      return KeyValue.newBuilder().setKey(key).setValue(reader.value(place)).build();
    }

    private static KeyValue parsePair(ByteString bytes) {
      try {
        return KeyValue.parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        throw new SegmentFormatException("stored KeyValue: " + e.getMessage(), e);
      }
    }
  }
}
