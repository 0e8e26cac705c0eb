package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import dev.tocsin.common.otlp.OtlpRequest;
import java.util.HashMap;
import java.util.Map;

/**
 * The sources seen lately, so that each is made once. Bounded: beyond {@link #SOURCES_MAX} it
 * begins anew. Used by one thread.
 */
public final class Sources {
  private static final int SOURCES_MAX = 10_000;
  private static final int ITEMS = Fields.tag(2, Fields.LENGTH_DELIMITED);

  private final Map<Key, Source> known = new HashMap<>();
  private final Fields fields = new Fields();

  private record Key(ByteString resource, ByteString scope) {}

  /** The source of each scope of the request, in order. */
  public Source[] of(OtlpRequest request) {
    if (known.size() > SOURCES_MAX) {
      known.clear();
    }
    Source[] sources = new Source[request.scopeCount()];
    int lastResource = -1;
    ByteString resource = ByteString.EMPTY;
    for (int scope = 0; scope < sources.length; scope++) {
      if (request.scopeResource(scope) != lastResource) {
        lastResource = request.scopeResource(scope);
        resource =
            head(
                request.bytes(),
                request.resourceStart(lastResource),
                request.resourceEnd(lastResource));
      }
      Key key =
          new Key(
              resource, head(request.bytes(), request.scopeStart(scope), request.scopeEnd(scope)));
      sources[scope] = known.computeIfAbsent(key, k -> Source.of(k.resource(), k.scope()));
    }
    return sources;
  }

  /** Where the content of an entry begins, whose tag begins at {@code entryStart}. */
  public static int contentStart(byte[] bytes, int entryStart, int entryEnd) {
    Fields entry = new Fields().over(bytes, entryStart, entryEnd);
    return entry.next() ? entry.from() : entryEnd;
  }

  /** Every field but the scopes of a resource's message, or the items of a scope's. */
  private ByteString head(byte[] bytes, int from, int to) {
    ColumnWriter head = new ColumnWriter();
    fields.over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() != ITEMS) {
        head.raw(bytes, fields.start(), fields.to());
      }
    }
    return ByteString.copyFrom(head.array(), 0, head.size());
  }
}
