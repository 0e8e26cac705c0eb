package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * Byte strings (texts, ids, serialized messages): through a dictionary where values repeat, else
 * plainly. Layout: mode; dictionary: size, lengths, bytes, then an index a value; plain: lengths,
 * bytes.
 */
final class BytesColumn {
  private static final int PLAIN = 0;
  private static final int DICTIONARY = 1;

  private BytesColumn() {}

  /** Collects values. */
  static final class Writer {
    private final List<ByteString> values = new ArrayList<>();

    void add(ByteString value) {
      values.add(value);
    }

    ColumnWriter toColumn() {
      ColumnWriter out = new ColumnWriter();
      Dictionary<ByteString> dictionary = new Dictionary<>();
      int[] indexes = new int[values.size()];
      for (int i = 0; i < indexes.length; i++) {
        indexes[i] = dictionary.index(values.get(i));
      }
      if (dictionary.size() * 2 > values.size()) {
        out.octet(PLAIN);
        write(out, values);
        return out;
      }
      out.octet(DICTIONARY);
      out.unsigned(dictionary.size());
      write(out, dictionary.values());
      for (int index : indexes) {
        out.unsigned(index);
      }
      return out;
    }

    private static void write(ColumnWriter out, List<ByteString> values) {
      values.forEach(value -> out.unsigned(value.size()));
      values.forEach(out::raw);
    }
  }

  /** Values by place. */
  static final class Reader {
    private final ByteString[] distinct;
    private final int[] indexes;

    Reader(ByteString[] distinct, int[] indexes) {
      this.distinct = distinct;
      this.indexes = indexes;
    }

    ByteString get(int place) {
      return distinct[indexes.length == 0 ? place : indexes[place]];
    }
  }

  static Reader read(ColumnReader in, int count) {
    int mode = in.octet();
    if (mode == PLAIN) {
      return new Reader(values(in, count), new int[0]);
    }
    if (mode != DICTIONARY) {
      throw new SegmentFormatException("column mode " + mode + " (expected: 0 or 1)");
    }
    ByteString[] distinct = values(in, in.count(in.remaining()));
    if (in.remaining() < count) {
      throw new SegmentFormatException("column shorter than its " + count + " values");
    }
    int[] indexes = new int[count];
    for (int i = 0; i < count; i++) {
      indexes[i] = in.index(distinct.length);
    }
    return new Reader(distinct, indexes);
  }

  private static ByteString[] values(ColumnReader in, int count) {
    if (in.remaining() < count) {
      throw new SegmentFormatException("column shorter than its " + count + " values");
    }
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      lengths[i] = in.count(in.remaining());
    }
    ByteString[] values = new ByteString[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.raw(lengths[i]);
    }
    return values;
  }
}
