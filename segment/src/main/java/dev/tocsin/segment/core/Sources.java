package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.index.Hashes;
import java.util.HashMap;
import java.util.Map;

/**
 * The sources seen lately, so that each is made once; scopes of one resource share it. Bounded in
 * number and in bytes: beyond {@link #SOURCES_MAX} or {@link #BYTES_MAX} it begins anew. Used by
 * one thread.
 */
public final class Sources {
  static final int SOURCES_MAX = 10_000;

  /**
   * Serialized; what is derived from them takes several times as much, and each buffer has them.
   */
  static final int BYTES_MAX = 1 << 20;

  private static final int ITEMS = Fields.tag(2, Fields.LENGTH_DELIMITED);

  private final Map<Long, Resource> resources = new HashMap<>();

  /** By the hash of resource and scope. */
  private final Map<Long, Source> known = new HashMap<>();

  private final Fields fields = new Fields();
  private long bytesKnown;

  /** What the scopes of a resource share. */
  private record Resource(long hash, Source scopeless) {}

  /** The source of each scope of the request, in order. */
  public Source[] of(OtlpRequest request) {
    byte[] bytes = request.bytes();
    Source[] sources = new Source[request.scopeCount()];
    int last = -1;
    Resource resource = null;
    for (int scope = 0; scope < sources.length; scope++) {
      int place = request.scopeResource(scope);
      if (resource == null || place != last) {
        resource = resource(bytes, request.resourceStart(place), request.resourceEnd(place));
        last = place;
      }
      sources[scope] = source(resource, bytes, request.scopeStart(scope), request.scopeEnd(scope));
    }
    forgetWhenFull();
    return sources;
  }

  private Resource resource(byte[] bytes, int from, int to) {
    long hash = hash(bytes, from, to);
    Resource seen = resources.get(hash);
    if (seen == null || !isHead(seen.scopeless.origin().resource(), bytes, from, to)) {
      ByteString head = head(bytes, from, to);
      seen = new Resource(hash, Source.of(head, ByteString.EMPTY));
      resources.put(hash, seen);
      bytesKnown += head.size();
    }
    return seen;
  }

  private Source source(Resource resource, byte[] bytes, int from, int to) {
    long hash = resource.hash * 31 + hash(bytes, from, to);
    Source seen = known.get(hash);
    if (seen == null
        || !seen.origin().resource().equals(resource.scopeless.origin().resource())
        || !isHead(seen.origin().scope(), bytes, from, to)) {
      ByteString head = head(bytes, from, to);
      seen = resource.scopeless.with(head);
      known.put(hash, seen);
      bytesKnown += head.size();
    }
    return seen;
  }

  private void forgetWhenFull() {
    if (known.size() > SOURCES_MAX || bytesKnown > BYTES_MAX) {
      known.clear();
      resources.clear();
      bytesKnown = 0;
    }
  }

  /** Serialized bytes of what is kept. */
  long bytesKept() {
    return bytesKnown;
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

  private boolean isHead(ByteString head, byte[] bytes, int from, int to) {
    int at = 0;
    fields.over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() != ITEMS) {
        int length = fields.to() - fields.start();
        if (length > head.size() - at || !matches(head, at, bytes, fields.start(), length)) {
          return false;
        }
        at += length;
      }
    }
    return at == head.size();
  }

  private static boolean matches(ByteString head, int at, byte[] bytes, int from, int length) {
    for (int i = 0; i < length; i++) {
      if (head.byteAt(at + i) != bytes[from + i]) {
        return false;
      }
    }
    return true;
  }

  private ByteString head(byte[] bytes, int from, int to) {
    ColumnWriter head = new ColumnWriter();
    fields.over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() != ITEMS) {
        head.raw(bytes, fields.start(), fields.to());
      }
    }
    return UnsafeByteOperations.unsafeWrap(head.toBytes());
  }
}
