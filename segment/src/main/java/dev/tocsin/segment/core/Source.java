package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.index.Hashes;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.util.List;

/**
 * An origin that many items share, with what is derived from it once.
 *
 * @param attributes of the resource
 * @param mark a hash of the origin, by which items of the one are told from those of another
 */
public record Source(Origin origin, List<KeyValue> attributes, long mark) {
  static Source of(ByteString resource, ByteString scope) {
    try {
      // ResourceSpans, ResourceLogs and ResourceMetrics have their resource in the same field.
      var parsed = ResourceSpans.parseFrom(resource).getResource();
      return new Source(
          new Origin(resource, scope, ServiceNames.name(parsed)),
          parsed.getAttributesList(),
          mark(resource, scope));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("origin without a resource: " + e.getMessage(), e);
    }
  }

  /** Another scope of the same resource, which is shared. */
  Source with(ByteString scope) {
    return new Source(
        new Origin(origin.resource(), scope, origin.service()),
        attributes,
        mark(origin.resource(), scope));
  }

  private static long mark(ByteString resource, ByteString scope) {
    return 31 * hash(resource) + hash(scope);
  }

  private static long hash(ByteString head) {
    return Hashes.fast(head.toByteArray(), 0, head.size());
  }

  /** Of an item that was stored. */
  public static Source of(Origin origin) {
    return new Source(
        origin,
        of(origin.resource(), origin.scope()).attributes(),
        mark(origin.resource(), origin.scope()));
  }
}
