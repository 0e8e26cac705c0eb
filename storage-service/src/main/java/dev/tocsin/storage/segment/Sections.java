package dev.tocsin.storage.segment;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Named sections in one blob, each a zstd frame of its own, after a directory that says where each
 * lies: a reader inflates only what it asks for, and {@code substring()} in SQL can fetch only
 * that.
 *
 * <p>Layout: directory length (4 bytes, low first), directory (count, then name, stored length, raw
 * length of each), frames in directory order, without zstd's magic number. A section whose stored
 * and raw lengths are equal is not compressed.
 */
final class Sections {
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
  static final class Writer {
    private final ColumnWriter directory = new ColumnWriter();
    private final ColumnWriter frames = new ColumnWriter();
    private byte[] scratch = new byte[0];
    private int count;

    void add(String name, ColumnWriter column) {
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
    void addRaw(String name, ColumnWriter column) {
      frames.raw(column);
      entry(name, column.size(), column.size());
    }

    private void entry(String name, int stored, int raw) {
      directory.text(name);
      directory.unsigned(stored);
      directory.unsigned(raw);
      count++;
    }

    byte[] toBytes() {
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

  /** Finds and inflates sections. */
  static final class Reader {
    private final byte[] blob;
    private final Map<String, Place> places = new HashMap<>();

    Reader(byte[] blob) {
      this.blob = blob;
      if (blob.length < 4) {
        throw new SegmentFormatException("blob of " + blob.length + " bytes (expected: 4 or more)");
      }
      int length = 0;
      for (int i = 0; i < 4; i++) {
        length |= (blob[i] & 0xFF) << (8 * i);
      }
      if (length < 0 || length > blob.length - 4) {
        throw new SegmentFormatException(
            "directory of " + length + " bytes (expected: at most " + (blob.length - 4) + ")");
      }
      ColumnReader directory = new ColumnReader(blob, 4, length);
      int count = directory.count(length);
      int from = 4 + length;
      for (int i = 0; i < count; i++) {
        String name = directory.text();
        int stored = directory.count(blob.length - from);
        int raw = directory.count(SECTION_BYTES_MAX);
        places.put(name, new Place(from, stored, raw));
        from += stored;
      }
    }

    Set<String> names() {
      return places.keySet();
    }

    ColumnReader section(String name) {
      Place place = places.get(name);
      if (place == null) {
        throw new SegmentFormatException(
            "no section " + name + " (expected: one of " + names() + ")");
      }
      if (place.storedLength == place.rawLength) {
        return new ColumnReader(blob, place.from, place.rawLength);
      }
      byte[] raw = new byte[place.rawLength];
      long inflated;
      try {
        inflated =
            DECOMPRESSOR
                .get()
                .decompressByteArray(raw, 0, raw.length, blob, place.from, place.storedLength);
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
