package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.util.List;

/**
 * An origin that many items share, with what is derived from it once.
 *
 * @param attributes of the resource
 */
public record Source(Origin origin, List<KeyValue> attributes) {
  static Source of(ByteString resource, ByteString scope) {
    try {
      // ResourceSpans, ResourceLogs and ResourceMetrics have their resource in the same field.
      var parsed = ResourceSpans.parseFrom(resource).getResource();
      return new Source(
          new Origin(resource, scope, ServiceNames.name(parsed)), parsed.getAttributesList());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("origin without a resource: " + e.getMessage(), e);
    }
  }

  /** Another scope of the same resource, which is shared. */
  Source with(ByteString scope) {
    return new Source(new Origin(origin.resource(), scope, origin.service()), attributes);
  }

  /** Of an item that was stored. */
  public static Source of(Origin origin) {
    return new Source(origin, of(origin.resource(), origin.scope()).attributes());
  }
}
