package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;

/**
 * Where an item came from, kept as it came: the serialized {@code ResourceSpans} (or {@code
 * ResourceLogs}) without its scopes and {@code ScopeSpans} without its spans, which hold resource,
 * scope, both schema URLs, entity references and unknown fields.
 *
 * @param service {@code service.name}, or {@code unknown_service}
 */
public record Origin(ByteString resource, ByteString scope, String service) {
  /** Bytes it takes in memory with what is derived from it, about. */
  public long bytes() {
    return 3L * (resource.size() + scope.size());
  }
}
