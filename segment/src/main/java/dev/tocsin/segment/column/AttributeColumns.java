package dev.tocsin.segment.column;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as typed columns. The <em>shape</em> of an item is the list of columns its attributes
 * go to, in their order; a column holds values only for the items that have it, in item order, so
 * order and duplicate keys survive. Whatever has no plain type is kept as serialized protobuf.
 */
public final class AttributeColumns {
  /** Beyond so many columns further keys share one, as serialized {@code KeyValue}s. */
  public static final int COLUMNS_MAX = 2_000;

  private static final int SHAPES_MAX = 1 << 24;

  /** How the values of a column are stored; the code is part of the format. */
  public enum Type {
    STRING(0),
    INT(1),
    DOUBLE(2),
    BOOL(3),
    BYTES(4),
    /** Serialized {@code AnyValue}: arrays, maps, no value, what later versions add. */
    ANY(5),
    /** Serialized {@code KeyValue}; the column's key is empty. */
    PAIR(6);

    public final int code;

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

  public record Column(String key, Type type) {}

  private AttributeColumns() {}

  /** Random access to the attributes of items by their place; columns are inflated when needed. */
  public static final class Reader {
    /** Sections that tell which others are needed. */
    public static final List<String> DIRECTORY = List.of("columns", "shapes");

    private final Sections.Reader sections;
    private final List<Column> columns = new ArrayList<>();
    private final int[] counts;
    private final int[][] shapes;
    private final ValueColumn.@Nullable Reader[] values;
    private final int[] shapeOfItem;

    private @Nullable Places places;

    /**
     * @param firsts per item where in the others its first attribute is
     * @param places per attribute, in item order, its place in its column
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Places(int[] firsts, int[] places) {}

    /**
     * @param shapeOfItem shape of each item in stored order
     */
    public Reader(Sections.Reader sections, int[] shapeOfItem) {
      this.shapeOfItem = shapeOfItem;
      this.sections = sections;
      ColumnReader directory = sections.section("columns");
      int columnCount = directory.count(COLUMNS_MAX + 1);
      counts = new int[columnCount];
      for (int i = 0; i < columnCount; i++) {
        columns.add(new Column(directory.text(), Type.of(directory.octet())));
        counts[i] = directory.count(Integer.MAX_VALUE);
      }
      shapes = readShapes(sections.section("shapes"), columnCount);
      values = new ValueColumn.Reader[columnCount];
      for (int shape : shapeOfItem) {
        if (shape >= shapes.length) {
          throw new SegmentFormatException("shape " + shape + " of " + shapes.length);
        }
      }
    }

    /** The sections that hold the values of some keys; the directory must be here. */
    public static Set<String> sectionsOf(Sections.Reader sections, Set<String> keys) {
      ColumnReader directory = sections.section("columns");
      Set<String> wanted = new LinkedHashSet<>();
      int columnCount = directory.count(COLUMNS_MAX + 1);
      for (int i = 0; i < columnCount; i++) {
        String key = directory.text();
        boolean pairs = Type.of(directory.octet()) == Type.PAIR;
        int unused = directory.count(Integer.MAX_VALUE);
        if (pairs || keys.contains(key)) {
          wanted.addAll(BytesColumn.sectionsOf(sections, Integer.toString(i)));
        }
      }
      return wanted;
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

    private Places places() {
      Places known = places;
      if (known == null) {
        known = place();
        places = known;
      }
      return known;
    }

    private Places place() {
      int[] firsts = new int[shapeOfItem.length];
      int total = 0;
      for (int item = 0; item < shapeOfItem.length; item++) {
        firsts[item] = total;
        total += shapes[shapeOfItem[item]].length;
      }
      int[] all = new int[total];
      int[] next = new int[columns.size()];
      int at = 0;
      for (int shape : shapeOfItem) {
        for (int column : shapes[shape]) {
          all[at++] = next[column]++;
        }
      }
      if (!Arrays.equals(next, counts)) {
        throw new SegmentFormatException("the shapes use more or fewer values than stored");
      }
      return new Places(firsts, all);
    }

    public List<KeyValue> attributes(int item) {
      Places known = places();
      int[] shape = shapes[shapeOfItem[item]];
      List<KeyValue> attributes = new ArrayList<>(shape.length);
      for (int i = 0; i < shape.length; i++) {
        attributes.add(pair(shape[i], known.places[known.firsts[item] + i]));
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

    /**
     * Keeps items that have a value of the key that passes.
     *
     * @param text when given, no value that is another as text passes
     */
    public void retain(String key, @Nullable String text, Predicate<AnyValue> test, BitSet items) {
      BitSet passed = new BitSet(shapeOfItem.length);
      for (int i = 0; i < columns.size(); i++) {
        if (columns.get(i).type() == Type.PAIR) {
          ValueColumn.Reader pairs = column(i);
          addPassing(passed, i, place -> passes(pairs.bytes(place), key, test), items);
        } else if (columns.get(i).key().equals(key)) {
          addPassing(passed, i, column(i).matching(text, test), items);
        }
      }
      items.and(passed);
    }

    private static boolean passes(ByteString bytes, String key, Predicate<AnyValue> test) {
      KeyValue pair = parsePair(bytes);
      return pair.getKey().equals(key) && test.test(pair.getValue());
    }

    /** Adds those of the items that have a passing value in the column. */
    private void addPassing(BitSet passed, int column, IntPredicate passes, BitSet items) {
      int[] uses = new int[shapes.length];
      for (int shape = 0; shape < shapes.length; shape++) {
        for (int used : shapes[shape]) {
          uses[shape] += used == column ? 1 : 0;
        }
      }
      int end = items.length();
      int place = 0;
      for (int item = 0; item < end; item++) {
        int used = uses[shapeOfItem[item]];
        if (used > 0 && place + used > counts[column]) {
          throw new SegmentFormatException("the shapes use more values than stored");
        }
        if (used > 0 && items.get(item)) {
          for (int i = place; i < place + used && !passed.get(item); i++) {
            passed.set(item, passes.test(i));
          }
        }
        place += used;
      }
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
