package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;

/** Which service a resource is. */
public final class Services {
  /** For resources that name none. */
  public static final String UNKNOWN = "unknown_service";

  private Services() {}

  /** The first {@code service.name} that is a text, else {@link #UNKNOWN}. */
  public static String name(Resource resource) {
    return resource.getAttributesList().stream()
        .filter(pair -> pair.getKey().equals(Tokens.SERVICE))
        .map(pair -> pair.getValue().getStringValue())
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse(UNKNOWN);
  }

  /** {@code ResourceSpans} and {@code ResourceLogs} have their resource in the same field. */
  static String name(ByteString resource) {
    try {
      return name(ResourceSpans.parseFrom(resource).getResource());
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored resource: " + e.getMessage(), e);
    }
  }
}
