package dev.tocsin.segment.column;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Named sections in one blob, each a zstd frame of its own, after a directory that says where each
 * lies: a reader inflates only what it asks for, and {@code substring()} in SQL can fetch only
 * that.
 *
 * <p>Layout: directory length (4 bytes, low first), directory (count, then name, stored length, raw
 * length of each), frames in directory order, without zstd's magic number. A section whose stored
 * and raw lengths are equal is not compressed.
 */
public final class Sections {
  /**
   * Columns are small and already without repetitions: level 3 made them no smaller, but slower.
   */
  private static final int LEVEL = 1;

  private static final int UNCOMPRESSED_BELOW = 48;
  private static final int SECTION_BYTES_MAX = 256 << 20;

  private Sections() {}

  /** Contexts are costly to make and not to be shared; the threads that use them are few. */
  private static final ThreadLocal<ZstdCompressCtx> COMPRESSOR =
      ThreadLocal.withInitial(
          () -> new ZstdCompressCtx().setLevel(LEVEL).setContentSize(false).setMagicless(true));

  private static final ThreadLocal<ZstdDecompressCtx> DECOMPRESSOR =
      ThreadLocal.withInitial(() -> new ZstdDecompressCtx().setMagicless(true));

  /** Collects sections and lays them out. */
  public static final class Writer {
    private final ColumnWriter directory = new ColumnWriter();
    private final ColumnWriter frames = new ColumnWriter();
    private byte[] scratch = new byte[0];
    private int count;

    public void add(String name, ColumnWriter column) {
      int length = column.size();
      byte[] compressed = scratch;
      int stored = length;
      if (length >= UNCOMPRESSED_BELOW) {
        compressed = scratch((int) Zstd.compressBound(length));
        stored =
            COMPRESSOR
                .get()
                .compressByteArray(compressed, 0, compressed.length, column.array(), 0, length);
      }
      if (stored < length) {
        frames.raw(compressed, 0, stored);
        entry(name, stored, length);
      } else {
        addRaw(name, column);
      }
    }

    private byte[] scratch(int size) {
      if (scratch.length < size) {
        scratch = new byte[size];
      }
      return scratch;
    }

    /** Adds a section that is known not to become smaller. */
    public void addRaw(String name, ColumnWriter column) {
      frames.raw(column);
      entry(name, column.size(), column.size());
    }

    private void entry(String name, int stored, int raw) {
      directory.text(name);
      directory.unsigned(stored);
      directory.unsigned(raw);
      count++;
    }

    public byte[] toBytes() {
      ColumnWriter head = new ColumnWriter();
      head.unsigned(count);
      int length = head.size() + directory.size();
      ColumnWriter all = new ColumnWriter();
      for (int shift = 0; shift < 32; shift += 8) {
        all.octet(length >>> shift);
      }
      all.raw(head);
      all.raw(directory);
      all.raw(frames);
      return all.toBytes();
    }
  }

  private record Place(int from, int storedLength, int rawLength) {}

  /** Finds and inflates sections of a blob that may be here only in part. Not thread-safe. */
  public static final class Reader {
    /** As much as is read of a blob in one go anyway: what its directory usually fits into. */
    public static final int BEGINNING = 1_990;

    private static final int TO_THE_END = 1 << 30;

    /** What lies between two sections is fetched with them if it is that small. */
    private static final int GAP_MAX = 1_024;

    /** Pieces of the blob by where they begin. */
    private final NavigableMap<Integer, byte[]> pieces = new TreeMap<>();

    private final int beginning;
    private LongConsumer inflating = bytes -> {};
    private boolean whole;
    private @Nullable Map<String, Place> places;

    public Reader(byte[] blob) {
      this(BEGINNING);
      add(0, blob, true);
    }

    /**
     * With nothing of the blob yet.
     *
     * @param beginning bytes to fetch first, whatever is wanted
     */
    public Reader(int beginning) {
      this.beginning = beginning;
    }

    /** To be told how many bytes a section takes before it is inflated. */
    public void onInflate(LongConsumer told) {
      inflating = told;
    }

    /** Bytes of all sections together. */
    public long inflated() {
      return places().values().stream().mapToLong(Place::rawLength).sum();
    }

    /**
     * @param atEnd whether the blob ends with these bytes
     */
    public void add(int from, byte[] bytes, boolean atEnd) {
      if (from == 0 && atEnd) {
        whole = true;
        pieces.clear();
      }
      pieces.put(from, bytes);
    }

    /** All of the blob unless it is here. */
    public void addMissing(int blob, List<Piece> missing) {
      if (!whole) {
        missing.add(new Piece(blob, 0, TO_THE_END));
      }
    }

    /** Those of the sections that are not here; or the directory, which tells where they are. */
    public void addMissing(int blob, Collection<String> names, List<Piece> missing) {
      byte[] first = pieces.get(0);
      if (whole || missing.contains(new Piece(blob, 0, TO_THE_END))) {
        return;
      }
      if (first == null) {
        missing.add(new Piece(blob, 0, beginning));
        return;
      }
      int framesFrom = 4 + directoryLength(first);
      if (framesFrom > first.length) {
        missing.add(new Piece(blob, 0, framesFrom));
        return;
      }
      List<Place> wanted = new ArrayList<>();
      for (String name : names) {
        Place place = place(name);
        if (holding(place) == null) {
          wanted.add(place);
        }
      }
      wanted.sort(Comparator.comparingInt(Place::from));
      for (int i = 0; i < wanted.size(); ) {
        int from = wanted.get(i).from;
        int to = from;
        for (; i < wanted.size() && wanted.get(i).from <= to + GAP_MAX; i++) {
          to = wanted.get(i).from + wanted.get(i).storedLength;
        }
        missing.add(new Piece(blob, from, to - from));
      }
    }

    /** The piece that holds a section, by where it begins; null when none does. */
    private Map.@Nullable Entry<Integer, byte[]> holding(Place place) {
      int to = place.from + place.storedLength;
      for (var piece : pieces.headMap(place.from, true).descendingMap().entrySet()) {
        if (piece.getKey() + piece.getValue().length >= to) {
          return piece;
        }
      }
      return null;
    }

    private static int directoryLength(byte[] beginning) {
      if (beginning.length < 4) {
        throw new SegmentFormatException(
            "blob of " + beginning.length + " bytes (expected: 4 or more)");
      }
      int length = 0;
      for (int i = 0; i < 4; i++) {
        length |= (beginning[i] & 0xFF) << (8 * i);
      }
      if (length < 0 || length > SECTION_BYTES_MAX) {
        throw new SegmentFormatException("directory of " + length + " bytes");
      }
      return length;
    }

    private Map<String, Place> places() {
      Map<String, Place> known = places;
      if (known == null) {
        known = new HashMap<>();
        byte[] first = pieces.getOrDefault(0, new byte[0]);
        int length = directoryLength(first);
        if (length > first.length - 4) {
          throw new SegmentFormatException(
              "directory of " + length + " bytes (expected: at most " + (first.length - 4) + ")");
        }
        int end = whole ? first.length : Integer.MAX_VALUE;
        ColumnReader directory = new ColumnReader(first, 4, length);
        int count = directory.count(length);
        int from = 4 + length;
        for (int i = 0; i < count; i++) {
          String name = directory.text();
          int stored = directory.count(end - from);
          int raw = directory.count(SECTION_BYTES_MAX);
          known.put(name, new Place(from, stored, raw));
          from += stored;
        }
        places = known;
      }
      return known;
    }

    private Place place(String name) {
      Place place = places().get(name);
      if (place == null) {
        throw new SegmentFormatException(
            "no section " + name + " (expected: one of " + places().keySet() + ")");
      }
      return place;
    }

    public Set<String> names() {
      return places().keySet();
    }

    public ColumnReader section(String name) {
      Place place = place(name);
      Map.Entry<Integer, byte[]> piece = holding(place);
      if (piece == null) {
        throw new IllegalStateException("section " + name + " was not fetched");
      }
      byte[] bytes = piece.getValue();
      int from = place.from - piece.getKey();
      if (place.storedLength == place.rawLength) {
        return new ColumnReader(bytes, from, place.rawLength);
      }
      inflating.accept(place.rawLength);
      byte[] raw = new byte[place.rawLength];
      long inflated;
      try {
        inflated =
            DECOMPRESSOR
                .get()
                .decompressByteArray(raw, 0, raw.length, bytes, from, place.storedLength);
      } catch (ZstdException e) {
        throw new SegmentFormatException("section " + name + ": " + e.getMessage(), e);
      }
      if (inflated != raw.length) {
        throw new SegmentFormatException(
            "section " + name + " inflates to " + inflated + " (expected: " + raw.length + ")");
      }
      return new ColumnReader(raw);
    }
  }
}
