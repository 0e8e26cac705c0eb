package dev.tocsin.otlp.prometheus;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What names the series of one request beside the attributes of their points: the {@link
 * IdentifyingAttributes} of their resource, and their scope where it is needed. That is where two
 * scopes of equally named resources have a metric of one name in the request: each would overwrite
 * the other's. Prometheus has no labels of scopes by default, so none are made elsewhere.
 *
 * <p>Only what comes in one request is known here. An SDK exports all its scopes together, so that
 * the same metrics get the same labels each time.
 */
public final class SeriesNaming {
  static final String SCOPE_NAME = "otel_scope_name";
  static final String SCOPE_VERSION = "otel_scope_version";

  private final List<Named> resources;

  /**
   * Resources whose labels are equal.
   *
   * @param shared names of metrics that more than one of their scopes has
   */
  private record Named(SortedMap<String, String> labels, Set<String> shared) {}

  private record Scope(String name, String version) {
    static Scope of(ScopeMetrics metrics) {
      InstrumentationScope scope = metrics.getScope();
      return new Scope(scope.getName(), scope.getVersion());
    }
  }

  private SeriesNaming(List<Named> resources) {
    this.resources = resources;
  }

  /** Looks through a request; the work is in proportion to its metrics. */
  public static SeriesNaming of(
      ExportMetricsServiceRequest request, IdentifyingAttributes attributes) {
    List<Named> resources = new ArrayList<>(request.getResourceMetricsCount());
    if (request.getResourceMetricsCount() == 1) {
      ResourceMetrics only = request.getResourceMetrics(0);
      resources.add(new Named(attributes.labels(only.getResource()), shared(List.of(only))));
      return new SeriesNaming(resources);
    }
    Map<SortedMap<String, String>, List<ResourceMetrics>> alike = new HashMap<>();
    List<SortedMap<String, String>> labels = new ArrayList<>();
    for (ResourceMetrics each : request.getResourceMetricsList()) {
      SortedMap<String, String> own = attributes.labels(each.getResource());
      labels.add(own);
      alike.computeIfAbsent(own, unused -> new ArrayList<>()).add(each);
    }
    Map<SortedMap<String, String>, Named> named = new HashMap<>();
    alike.forEach((own, entries) -> named.put(own, new Named(own, shared(entries))));
    for (SortedMap<String, String> own : labels) {
      resources.add(named.getOrDefault(own, new Named(own, Set.of())));
    }
    return new SeriesNaming(resources);
  }

  private static Set<String> shared(List<ResourceMetrics> alike) {
    Set<Scope> scopes = new HashSet<>();
    for (ResourceMetrics resource : alike) {
      resource.getScopeMetricsList().forEach(scope -> scopes.add(Scope.of(scope)));
    }
    if (scopes.size() < 2) {
      return Set.of();
    }
    Map<String, Scope> owners = new HashMap<>();
    Set<String> shared = new HashSet<>();
    for (ResourceMetrics resource : alike) {
      for (ScopeMetrics metrics : resource.getScopeMetricsList()) {
        Scope scope = Scope.of(metrics);
        for (Metric metric : metrics.getMetricsList()) {
          String name = PrometheusSeries.name(metric);
          Scope owner = owners.putIfAbsent(name, scope);
          if (owner != null && !owner.equals(scope)) {
            shared.add(name);
          }
        }
      }
    }
    return shared;
  }

  /** The labels of the resource at that place in the request. */
  SortedMap<String, String> resource(int index) {
    return resources.get(index).labels;
  }

  /**
   * The labels of a metric's series, beside their own.
   *
   * @param resource place of its resource in the request
   * @return not to be changed
   */
  public SortedMap<String, String> labels(int resource, InstrumentationScope scope, Metric metric) {
    Named named = resources.get(resource);
    return named.shared.isEmpty() || !named.shared.contains(PrometheusSeries.name(metric))
        ? named.labels
        : withScope(named.labels, scope);
  }

  /** The labels with those of a scope, as far as it has a name and a version. */
  public static SortedMap<String, String> withScope(
      SortedMap<String, String> labels, InstrumentationScope scope) {
    SortedMap<String, String> all = new TreeMap<>(labels);
    if (!scope.getName().isEmpty()) {
      all.put(SCOPE_NAME, scope.getName());
    }
    if (!scope.getVersion().isEmpty()) {
      all.put(SCOPE_VERSION, scope.getVersion());
    }
    return all;
  }
}
