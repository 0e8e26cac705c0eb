package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.otlp.AttributeText;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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

    private ValueColumn.Reader column(int column) {
      ValueColumn.Reader reader = values[column];
      if (reader == null) {
        reader =
            ValueColumn.read(
                columns.get(column).type(), sections, Integer.toString(column), counts[column]);
        values[column] = reader;
      }
      return reader;
    }

    /** Items that have the attribute with the value, as text. */
    BitSet itemsWith(String key, String value) {
      byte[] utf8 = ValueColumn.utf8(value);
      BitSet items = new BitSet(shapeOfItem.length);
      for (int i = 0; i < columns.size(); i++) {
        Column each = columns.get(i);
        if (each.type() == Type.PAIR || each.key().equals(key)) {
          addItems(items, i, key, value, utf8);
        }
      }
      return items;
    }

    private void addItems(BitSet items, int column, String key, String value, byte[] utf8) {
      boolean pairs = columns.get(column).type() == Type.PAIR;
      ValueColumn.Reader reader = column(column);
      if (!pairs && !reader.mayHold(utf8)) {
        return;
      }
      int place = 0;
      for (int item = 0; item < shapeOfItem.length; item++) {
        for (int used : shapes[shapeOfItem[item]]) {
          if (used == column) {
            if (pairs ? has(reader.bytes(place), key, value) : reader.is(place, value, utf8)) {
              items.set(item);
            }
            place++;
          }
        }
      }
    }

    private static boolean has(ByteString bytes, String key, String value) {
      KeyValue pair = parsePair(bytes);
      return pair.getKey().equals(key) && AttributeText.of(pair.getValue()).equals(value);
    }

    private KeyValue pair(int column, int place) {
      ValueColumn.Reader reader = column(column);
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
