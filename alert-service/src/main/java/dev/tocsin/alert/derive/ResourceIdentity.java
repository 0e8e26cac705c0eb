package dev.tocsin.alert.derive;

import dev.tocsin.otlp.prometheus.PrometheusSeries;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.SortedMap;

/**
 * Who sent something, as Prometheus names it; each name cut to {@link BoundedName}.
 *
 * @param service the plain {@code service.name}; {@code unknown_service} when the resource has none
 * @param job {@code [service.namespace/]service.name}
 * @param instance {@code service.instance.id}, empty when the resource has none
 */
record ResourceIdentity(String service, String job, String instance) {
  private static final String UNKNOWN = "unknown_service";

  static ResourceIdentity of(Resource resource) {
    SortedMap<String, String> labels = PrometheusSeries.identity(resource);
    String service = UNKNOWN;
    for (var attribute : resource.getAttributesList()) {
      if (attribute.getKey().equals("service.name")
          && !attribute.getValue().getStringValue().isEmpty()) {
        service = attribute.getValue().getStringValue();
      }
    }
    return new ResourceIdentity(
        BoundedName.of(service),
        BoundedName.of(labels.getOrDefault("job", UNKNOWN)),
        BoundedName.of(labels.getOrDefault("instance", "")));
  }
}
