package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Dictionary;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Resources and scopes: dictionaries of serialized messages, named by items through indexes. */
public final class OriginColumns {
  private OriginColumns() {}

  /** The place of a resource and of a scope in their dictionaries. */
  public record Place(int resource, int scope) {}

  /** Collects the origins of items. */
  public static final class Writer {
    private final Dictionary<ByteString> resources = new Dictionary<>();
    private final Dictionary<ByteString> scopes = new Dictionary<>();
    private final IdentityHashMap<Source, Place> places = new IdentityHashMap<>();
    private final List<Source> distinct = new ArrayList<>();
    private @Nullable Source last;
    private Place lastPlace = new Place(0, 0);

    @SuppressWarnings("ReferenceEquality") // one that is not the same is looked up
    public Place add(Source source) {
      if (source != last) {
        last = source;
        lastPlace = place(source);
      }
      return lastPlace;
    }

    private Place place(Source source) {
      Place known = places.get(source);
      if (known == null) {
        int resourcesBefore = resources.size();
        known =
            new Place(
                resources.index(source.origin().resource()), scopes.index(source.origin().scope()));
        places.put(source, known);
        if (resources.size() > resourcesBefore) {
          distinct.add(source);
        }
      }
      return known;
    }

    /** Enters the attributes of every resource. */
    public void addTo(IndexEntries index) {
      distinct.forEach(source -> source.attributes().forEach(index::add));
    }

    public void addTo(Sections.Writer sections) {
      sections.add("resources", list(resources));
      sections.add("scopes", list(scopes));
    }

    private static ColumnWriter list(Dictionary<ByteString> dictionary) {
      ColumnWriter out = new ColumnWriter();
      out.unsigned(dictionary.size());
      dictionary.values().forEach(out::bytes);
      return out;
    }
  }

  /** The dictionaries; inflated when first asked. Not thread-safe. */
  static final class Reader {
    private final Sections.Reader sections;
    private final Map<String, ByteString[]> lists = new HashMap<>();

    public Reader(Sections.Reader sections) {
      this.sections = sections;
    }

    ByteString resource(int place) {
      return at("resources", place);
    }

    ByteString scope(int place) {
      return at("scopes", place);
    }

    private ByteString at(String section, int place) {
      ByteString[] list = lists.computeIfAbsent(section, name -> list(sections.section(name)));
      if (place < 0 || place >= list.length) {
        throw new SegmentFormatException(
            section + ": " + place + " (expected: below " + list.length + ")");
      }
      return list[place];
    }

    private static ByteString[] list(ColumnReader in) {
      ByteString[] values = new ByteString[in.count(in.remaining())];
      for (int i = 0; i < values.length; i++) {
        values[i] = in.bytes();
      }
      return values;
    }
  }
}
