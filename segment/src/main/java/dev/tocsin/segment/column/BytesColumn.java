package dev.tocsin.segment.column;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Byte strings (texts, ids, serialized messages): through a dictionary where values repeat, else
 * plainly in frames of {@link #FRAME_VALUES}, so that few values are inflated for one.
 *
 * <p>Section {@code name}: mode; dictionary: size, lengths, bytes, then an index a value; plain:
 * nothing more, and sections {@code name.0}, {@code name.1}, ... with lengths and bytes of so many
 * values each.
 */
public final class BytesColumn {
  static final int FRAME_VALUES = 1_024;
  private static final int PLAIN = 0;
  private static final int DICTIONARY = 1;

  /** So many values decide whether a dictionary pays. */
  private static final int JUDGED_AT = 512;

  private BytesColumn() {}

  /** Collects values that are slices of one array. Not thread-safe. */
  public static final class Writer {
    private final byte[] bytes;
    private @Nullable SliceDictionary dictionary;
    private int[] indexes = new int[16];
    private int[] from = new int[0];
    private int[] to = new int[0];
    private int count;

    public Writer(byte[] bytes) {
      this.bytes = bytes;
      this.dictionary = new SliceDictionary(bytes);
    }

    public void add(int valueFrom, int valueTo) {
      SliceDictionary known = dictionary;
      if (known == null) {
        addPlain(valueFrom, valueTo);
        return;
      }
      if (count == indexes.length) {
        indexes = Arrays.copyOf(indexes, count * 2);
      }
      indexes[count++] = known.index(valueFrom, valueTo);
      if (count == JUDGED_AT && !pays(known)) {
        becomePlain(known);
      }
    }

    private boolean pays(SliceDictionary known) {
      return known.size() * 2 <= count;
    }

    private void becomePlain(SliceDictionary known) {
      from = new int[Math.max(16, count * 2)];
      to = new int[Math.max(16, count * 2)];
      for (int i = 0; i < count; i++) {
        from[i] = known.from(indexes[i]);
        to[i] = known.to(indexes[i]);
      }
      dictionary = null;
    }

    private void addPlain(int valueFrom, int valueTo) {
      if (count == from.length) {
        from = Arrays.copyOf(from, count * 2);
        to = Arrays.copyOf(to, count * 2);
      }
      from[count] = valueFrom;
      to[count++] = valueTo;
    }

    public int count() {
      return count;
    }

    /** The distinct values, null when there are too many of them to tell. */
    public @Nullable SliceDictionary distinct() {
      return dictionary;
    }

    public int from(int place) {
      SliceDictionary known = dictionary;
      return known == null ? from[place] : known.from(indexes[place]);
    }

    public int to(int place) {
      SliceDictionary known = dictionary;
      return known == null ? to[place] : known.to(indexes[place]);
    }

    /** To be called once, at the end. */
    public void addTo(Sections.Writer sections, String name) {
      SliceDictionary known = dictionary;
      ColumnWriter out = new ColumnWriter();
      if (known != null && pays(known)) {
        out.octet(DICTIONARY);
        out.unsigned(known.size());
        for (int i = 0; i < known.size(); i++) {
          out.unsigned(known.length(i));
        }
        for (int i = 0; i < known.size(); i++) {
          out.raw(bytes, known.from(i), known.to(i));
        }
        for (int i = 0; i < count; i++) {
          out.unsigned(indexes[i]);
        }
        sections.add(name, out);
        return;
      }
      out.octet(PLAIN);
      sections.add(name, out);
      for (int first = 0; first < count; first += FRAME_VALUES) {
        out.clear();
        int last = Math.min(count, first + FRAME_VALUES);
        for (int i = first; i < last; i++) {
          out.unsigned(to(i) - from(i));
        }
        for (int i = first; i < last; i++) {
          out.raw(bytes, from(i), to(i));
        }
        sections.add(name + "." + first / FRAME_VALUES, out);
      }
    }
  }

  /** Passes or refuses a value that is part of the bytes. */
  public interface Test {
    boolean passes(byte[] bytes, int from, int to);
  }

  /** The sections of a column, of those that a blob has. */
  static List<String> sectionsOf(Sections.Reader sections, String name) {
    List<String> all = new ArrayList<>();
    all.add(name);
    for (int frame = 0; sections.names().contains(name + "." + frame); frame++) {
      all.add(name + "." + frame);
    }
    return all;
  }

  /** Values by place. Not thread-safe. */
  public static final class Reader {
    private final Sections.Reader sections;
    private final String name;
    private final int count;
    private final @Nullable Slices distinct;
    private final int[] indexes;
    private final @Nullable Slices[] frames;

    private Reader(
        Sections.Reader sections,
        String name,
        int count,
        @Nullable Slices distinct,
        int[] indexes) {
      this.sections = sections;
      this.name = name;
      this.count = count;
      this.distinct = distinct;
      this.indexes = indexes;
      this.frames = new Slices[distinct == null ? (count + FRAME_VALUES - 1) / FRAME_VALUES : 0];
    }

    public ByteString get(int place) {
      Slices known = distinct;
      if (known != null) {
        return known.get(indexes[place]);
      }
      return frame(place / FRAME_VALUES).get(place % FRAME_VALUES);
    }

    /** A test of values by place; each distinct value of a dictionary is tested once. */
    public IntPredicate memoized(Test test) {
      Slices known = distinct;
      if (known == null) {
        return place -> frame(place / FRAME_VALUES).passes(place % FRAME_VALUES, test);
      }
      BitSet tested = new BitSet(known.size());
      BitSet passed = new BitSet(known.size());
      return place -> {
        int index = indexes[place];
        if (!tested.get(index)) {
          tested.set(index);
          passed.set(index, known.passes(index, test));
        }
        return passed.get(index);
      };
    }

    private Slices frame(int index) {
      Slices frame = frames[index];
      if (frame == null) {
        int values = Math.min(FRAME_VALUES, count - index * FRAME_VALUES);
        frame = Slices.read(sections.section(name + "." + index), values);
        frames[index] = frame;
      }
      return frame;
    }
  }

  public static Reader read(Sections.Reader sections, String name, int count) {
    ColumnReader in = sections.section(name);
    int mode = in.octet();
    if (mode == PLAIN) {
      return new Reader(sections, name, count, null, new int[0]);
    }
    if (mode != DICTIONARY) {
      throw new SegmentFormatException("column mode " + mode + " (expected: 0 or 1)");
    }
    Slices distinct = Slices.read(in, in.count(in.remaining()));
    if (in.remaining() < count) {
      throw new SegmentFormatException("column shorter than its " + count + " values");
    }
    int[] indexes = new int[count];
    for (int i = 0; i < count; i++) {
      indexes[i] = in.index(distinct.size());
    }
    return new Reader(sections, name, count, distinct, indexes);
  }

  /** Lengths, then bytes; values are made when asked for. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Slices(byte[] bytes, int[] ends, int first) {
    static Slices read(ColumnReader in, int count) {
      if (in.remaining() < count) {
        throw new SegmentFormatException("column shorter than its " + count + " values");
      }
      int[] ends = new int[count];
      long total = 0;
      for (int i = 0; i < count; i++) {
        total += in.count(in.remaining());
        ends[i] = (int) total;
      }
      if (total > in.remaining()) {
        throw new SegmentFormatException("values of " + total + " bytes in " + in.remaining());
      }
      return new Slices(in.array(), ends, in.skip((int) total));
    }

    int size() {
      return ends.length;
    }

    private int from(int index) {
      return first + (index == 0 ? 0 : ends[index - 1]);
    }

    ByteString get(int index) {
      int from = from(index);
      return UnsafeByteOperations.unsafeWrap(bytes, from, first + ends[index] - from);
    }

    boolean passes(int index, Test test) {
      return test.passes(bytes, from(index), first + ends[index]);
    }
  }
}
