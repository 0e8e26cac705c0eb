package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import dev.tocsin.common.otlp.OtlpRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The sources seen lately, so that each is made once. Bounded: beyond {@link #SOURCES_MAX} it
 * begins anew. Used by one thread.
 */
public final class Sources {
  private static final int SOURCES_MAX = 10_000;
  private static final int ITEMS = Fields.tag(2, Fields.LENGTH_DELIMITED);

  private final Map<Long, Known> known = new HashMap<>();
  private final Fields fields = new Fields();

  /** A source with the bytes it was made of. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Known(byte[] resource, byte[] scope, Source source) {}

  /** The source of each scope of the request, in order. */
  public Source[] of(OtlpRequest request) {
    if (known.size() > SOURCES_MAX) {
      known.clear();
    }
    byte[] bytes = request.bytes();
    Source[] sources = new Source[request.scopeCount()];
    int lastResource = -1;
    long resourceHash = 0;
    for (int scope = 0; scope < sources.length; scope++) {
      int resource = request.scopeResource(scope);
      int from = request.resourceStart(resource);
      int to = request.resourceEnd(resource);
      if (resource != lastResource) {
        lastResource = resource;
        resourceHash = hash(bytes, from, to);
      }
      int scopeFrom = request.scopeStart(scope);
      int scopeTo = request.scopeEnd(scope);
      long hash = resourceHash * 31 + hash(bytes, scopeFrom, scopeTo);
      Known seen = known.get(hash);
      if (seen == null
          || !isHead(seen.resource, bytes, from, to)
          || !isHead(seen.scope, bytes, scopeFrom, scopeTo)) {
        seen = known(head(bytes, from, to), head(bytes, scopeFrom, scopeTo));
        known.put(hash, seen);
      }
      sources[scope] = seen.source;
    }
    return sources;
  }

  private static Known known(byte[] resource, byte[] scope) {
    return new Known(
        resource, scope, Source.of(ByteString.copyFrom(resource), ByteString.copyFrom(scope)));
  }

  /** Where the content of an entry begins, whose tag begins at {@code entryStart}. */
  public static int contentStart(byte[] bytes, int entryStart, int entryEnd) {
    Fields entry = new Fields().over(bytes, entryStart, entryEnd);
    return entry.next() ? entry.from() : entryEnd;
  }

  /** Of every field but the scopes of a resource's message, or the items of a scope's. */
  private long hash(byte[] bytes, int from, int to) {
    long hash = 0;
    fields.over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() != ITEMS) {
        hash = hash * 31 + Hashes.fast(bytes, fields.start(), fields.to());
      }
    }
    return hash;
  }

  private boolean isHead(byte[] head, byte[] bytes, int from, int to) {
    int at = 0;
    fields.over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() != ITEMS) {
        int end = at + fields.to() - fields.start();
        if (end > head.length
            || !Arrays.equals(head, at, end, bytes, fields.start(), fields.to())) {
          return false;
        }
        at = end;
      }
    }
    return at == head.length;
  }

  private byte[] head(byte[] bytes, int from, int to) {
    ColumnWriter head = new ColumnWriter();
    fields.over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() != ITEMS) {
        head.raw(bytes, fields.start(), fields.to());
      }
    }
    return head.toBytes();
  }
}
