package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.tocsin.segment.index.Hashes;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;

/**
 * What tells a span of a trace from all others but its copies: its id, its content, and its scope
 * and resource. Equal spans of two scopes are two.
 *
 * @param origin a hash of resource and scope, with their schemas
 * @param content a hash of the span
 */
public record SpanMark(ByteString spanId, long origin, long content) {
  /** Of everything that comes from one scope; see {@link #of(long, Span)}. */
  public static long origin(ResourceSpans resource, ScopeSpans scope) {
    long origin = hash(resource.getResource());
    origin = 31 * origin + Hashes.of(resource.getSchemaUrl());
    origin = 31 * origin + hash(scope.getScope());
    return 31 * origin + Hashes.of(scope.getSchemaUrl());
  }

  /** Keeps nothing of the span, whose bytes may be a part of many more. */
  public static SpanMark of(long origin, Span span) {
    return new SpanMark(ByteString.copyFrom(span.getSpanId().toByteArray()), origin, hash(span));
  }

  private static long hash(MessageLite message) {
    byte[] bytes = message.toByteArray();
    return Hashes.fast(bytes, 0, bytes.length);
  }
}
