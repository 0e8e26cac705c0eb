package dev.tocsin.alert.derive;

import dev.tocsin.otlp.prometheus.PrometheusSeries;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.SortedMap;

/**
 * Who sent something, as Prometheus names it; each name cut to {@link BoundedName}.
 *
 * @param service the plain {@code service.name}; {@code unknown_service} when the resource has none
 * @param job {@code [service.namespace/]service.name}
 * @param instance {@code service.instance.id}, empty when the resource has none
 * @param missed whether somebody is to notice when it falls silent
 */
record ResourceIdentity(String service, String job, String instance, boolean missed) {
  /** A resource whose attribute of this name is false will end, and that is nobody's concern. */
  static final String HEARTBEAT = "tocsin.heartbeat";

  private static final String UNKNOWN = "unknown_service";

  static ResourceIdentity of(Resource resource) {
    SortedMap<String, String> labels = PrometheusSeries.identity(resource);
    String service = UNKNOWN;
    boolean missed = true;
    for (KeyValue attribute : resource.getAttributesList()) {
      AnyValue value = attribute.getValue();
      if (attribute.getKey().equals("service.name") && !value.getStringValue().isEmpty()) {
        service = value.getStringValue();
      } else if (attribute.getKey().equals(HEARTBEAT)) {
        missed = !isFalse(value);
      }
    }
    return new ResourceIdentity(
        BoundedName.of(service),
        BoundedName.of(labels.getOrDefault("job", UNKNOWN)),
        BoundedName.of(labels.getOrDefault("instance", "")),
        missed);
  }

  /** A text, too: {@code OTEL_RESOURCE_ATTRIBUTES} knows nothing else. */
  private static boolean isFalse(AnyValue value) {
    return value.hasBoolValue()
        ? !value.getBoolValue()
        : value.getStringValue().equalsIgnoreCase("false");
  }
}
