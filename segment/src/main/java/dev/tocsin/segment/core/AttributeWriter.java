package dev.tocsin.segment.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.segment.column.AttributeColumns;
import dev.tocsin.segment.column.AttributeColumns.Column;
import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Dictionary;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.ValueColumn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Attributes to typed columns (see {@link AttributeColumns}) straight from their bytes. Items of
 * one kind have the same keys in the same order, so the column of an attribute is guessed from the
 * item before and compared, and looked up only when the guess is wrong. Not thread-safe.
 */
public final class AttributeWriter {
  private static final int KEY = Fields.tag(1, Fields.LENGTH_DELIMITED);
  private static final int VALUE = Fields.tag(2, Fields.LENGTH_DELIMITED);
  private static final int TEXT = Fields.tag(1, Fields.LENGTH_DELIMITED);
  private static final int TRUTH = Fields.tag(2, Fields.VARINT);
  private static final int WHOLE = Fields.tag(3, Fields.VARINT);
  private static final int DECIMAL = Fields.tag(4, Fields.FIXED64);
  private static final int BYTES = Fields.tag(7, Fields.LENGTH_DELIMITED);

  private final byte[] bytes;
  private final Fields pair = new Fields();
  private final Fields any = new Fields();
  private final Dictionary<Column> columns = new Dictionary<>();
  private final List<byte[]> keys = new ArrayList<>();
  private final List<ValueColumn.Writer> values = new ArrayList<>();
  private final Dictionary<List<Integer>> shapes = new Dictionary<>();
  private final List<int[]> shapeColumns = new ArrayList<>();
  private int[] shape = new int[16];
  private int size;
  private int[] guess = new int[0];
  private int guessed;

  /** What the pair read last has: its type, and its value as a slice or a number. */
  private AttributeColumns.Type type = AttributeColumns.Type.ANY;

  private int keyFrom;
  private int keyTo;
  private int from;
  private int to;
  private long number;

  /**
   * @param bytes the array all attributes are slices of
   */
  public AttributeWriter(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes the next attribute of the current item: the content of a {@code KeyValue}.
   *
   * @return its column
   */
  public int add(int pairFrom, int pairTo) {
    read(pairFrom, pairTo);
    int column = column();
    if (type == AttributeColumns.Type.INT
        || type == AttributeColumns.Type.BOOL
        || type == AttributeColumns.Type.DOUBLE) {
      values.get(column).add(number);
    } else if (columns.values().get(column).type() == AttributeColumns.Type.PAIR) {
      values.get(column).add(pairFrom, pairTo);
    } else {
      values.get(column).add(from, to);
    }
    if (size == shape.length) {
      shape = Arrays.copyOf(shape, size * 2);
    }
    shape[size++] = column;
    return column;
  }

  public String key(int column) {
    return columns.values().get(column).key();
  }

  /** Columns so far. */
  public int columns() {
    return columns.size();
  }

  /** The type of the attribute added last. */
  public AttributeColumns.Type type() {
    return type;
  }

  /** The attribute added last: a number, or where a slice begins and, above, where it ends. */
  public long value() {
    return switch (type) {
      case INT, BOOL, DOUBLE -> number;
      case STRING, BYTES, ANY, PAIR -> (long) to << 32 | from;
    };
  }

  /** Ends the current item and returns its shape. */
  public int endItem() {
    int taken = size;
    size = 0;
    if (guessed >= 0
        && guessed < shapeColumns.size()
        && Arrays.equals(shape, 0, taken, guess, 0, guess.length)) {
      return guessed;
    }
    List<Integer> key = new ArrayList<>(taken);
    for (int i = 0; i < taken; i++) {
      key.add(shape[i]);
    }
    guessed = shapes.index(key);
    if (guessed == shapeColumns.size()) {
      shapeColumns.add(Arrays.copyOf(shape, taken));
    }
    guess = shapeColumns.get(guessed);
    return guessed;
  }

  private void read(int pairFrom, int pairTo) {
    keyFrom = 0;
    keyTo = 0;
    int keysSeen = 0;
    int valuesSeen = 0;
    boolean odd = false;
    int valueFrom = 0;
    int valueTo = 0;
    pair.over(bytes, pairFrom, pairTo);
    while (pair.next()) {
      if (pair.tag() == KEY) {
        keyFrom = pair.from();
        keyTo = pair.to();
        keysSeen++;
      } else if (pair.tag() == VALUE) {
        valueFrom = pair.from();
        valueTo = pair.to();
        valuesSeen++;
      } else {
        odd = true;
      }
    }
    if (odd || keysSeen > 1 || valuesSeen != 1) {
      type = AttributeColumns.Type.PAIR;
      keyFrom = 0;
      keyTo = 0;
    } else {
      readValue(valueFrom, valueTo);
    }
  }

  private void readValue(int valueFrom, int valueTo) {
    type = AttributeColumns.Type.ANY;
    from = valueFrom;
    to = valueTo;
    any.over(bytes, valueFrom, valueTo);
    if (!any.next() || any.to() != valueTo) {
      return;
    }
    int tag = any.tag();
    if (tag == TEXT || tag == BYTES) {
      type = tag == TEXT ? AttributeColumns.Type.STRING : AttributeColumns.Type.BYTES;
      from = any.from();
    } else if (tag == WHOLE || tag == TRUTH || tag == DECIMAL) {
      type =
          tag == WHOLE
              ? AttributeColumns.Type.INT
              : tag == TRUTH ? AttributeColumns.Type.BOOL : AttributeColumns.Type.DOUBLE;
      number = tag == TRUTH && any.number() != 0 ? 1 : any.number();
    }
  }

  private int column() {
    if (size < guess.length && is(guess[size])) {
      return guess[size];
    }
    Column column = new Column(new String(bytes, keyFrom, keyTo - keyFrom, UTF_8), type);
    int index = columns.find(column);
    if (index < 0) {
      if (columns.size() >= AttributeColumns.COLUMNS_MAX) {
        column = new Column("", AttributeColumns.Type.PAIR);
        type = AttributeColumns.Type.PAIR;
        index = columns.find(column);
      }
      if (index < 0) {
        index = columns.index(column);
        keys.add(column.key().getBytes(UTF_8));
        values.add(new ValueColumn.Writer(column.type(), bytes));
      }
    }
    return index;
  }

  private boolean is(int column) {
    byte[] key = keys.get(column);
    return columns.values().get(column).type() == type
        && Arrays.equals(bytes, keyFrom, keyTo, key, 0, key.length);
  }

  /** Enters every value into the segment's index. */
  public void addTo(IndexEntries index) {
    for (int i = 0; i < columns.size(); i++) {
      index.addColumn(columns.values().get(i), values.get(i), bytes);
    }
  }

  public byte[] toBytes() {
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
    shapeList.unsigned(shapeColumns.size());
    for (int[] each : shapeColumns) {
      shapeList.unsigned(each.length);
      for (int column : each) {
        shapeList.unsigned(column);
      }
    }
    sections.add("shapes", shapeList);
    for (int i = 0; i < columns.size(); i++) {
      values.get(i).addTo(sections, Integer.toString(i));
    }
    return sections.toBytes();
  }
}
