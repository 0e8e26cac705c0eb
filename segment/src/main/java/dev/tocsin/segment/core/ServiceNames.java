package dev.tocsin.segment.core;

import dev.tocsin.segment.index.Tokens;
import io.opentelemetry.proto.resource.v1.Resource;

/** Which service a resource is. */
public final class ServiceNames {
  /** For resources that name none. */
  public static final String UNKNOWN = "unknown_service";

  private ServiceNames() {}

  /** The first {@code service.name} that is a text, else {@link #UNKNOWN}. */
  public static String name(Resource resource) {
    return resource.getAttributesList().stream()
        .filter(pair -> pair.getKey().equals(Tokens.SERVICE))
        .map(pair -> pair.getValue().getStringValue())
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse(UNKNOWN);
  }
}
