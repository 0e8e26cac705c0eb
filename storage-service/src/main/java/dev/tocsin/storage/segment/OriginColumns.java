package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;

/** Resources and scopes: dictionaries of serialized messages and an index an item each. */
final class OriginColumns {
  private OriginColumns() {}

  /** Collects the origins of items in order. */
  static final class Writer {
    private final Dictionary<ByteString> resources = new Dictionary<>();
    private final Dictionary<ByteString> scopes = new Dictionary<>();
    private final ColumnWriter resource = new ColumnWriter();
    private final ColumnWriter scope = new ColumnWriter();

    void add(Origin origin) {
      resource.unsigned(resources.index(origin.resource()));
      scope.unsigned(scopes.index(origin.scope()));
    }

    Iterable<ByteString> resources() {
      return resources.values();
    }

    void addTo(Sections.Writer sections) {
      sections.add("resources", list(resources));
      sections.add("scopes", list(scopes));
      sections.add("resource", resource);
      sections.add("scope", scope);
    }

    private static ColumnWriter list(Dictionary<ByteString> dictionary) {
      ColumnWriter out = new ColumnWriter();
      out.unsigned(dictionary.size());
      dictionary.values().forEach(out::bytes);
      return out;
    }
  }

  /** Origins of the items of a segment by their place. */
  static final class Reader {
    private final ByteString[] resources;
    private final ByteString[] scopes;
    private final int[] resource;
    private final int[] scope;

    Reader(Sections.Reader sections, int count) {
      resources = list(sections.section("resources"));
      scopes = list(sections.section("scopes"));
      resource = indexes(sections.section("resource"), count, resources.length);
      scope = indexes(sections.section("scope"), count, scopes.length);
    }

    /** Place of the resource in this segment; equal resources have equal places. */
    int resourcePlace(int item) {
      return resource[item];
    }

    int scopePlace(int item) {
      return scope[item];
    }

    ByteString resource(int item) {
      return resources[resource[item]];
    }

    ByteString scope(int item) {
      return scopes[scope[item]];
    }

    private static ByteString[] list(ColumnReader in) {
      ByteString[] values = new ByteString[in.count(in.remaining())];
      for (int i = 0; i < values.length; i++) {
        values[i] = in.bytes();
      }
      return values;
    }
  }

  static int[] indexes(ColumnReader in, int count, int size) {
    if (in.remaining() < count) {
      throw new SegmentFormatException("column shorter than its " + count + " values");
    }
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.index(size);
    }
    return values;
  }
}
