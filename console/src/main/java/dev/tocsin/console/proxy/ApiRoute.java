package dev.tocsin.console.proxy;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What of the services' APIs the console offers; anything else is not there.
 *
 * @param method GET reads; POST is offered where a person acts, and for queries of Prometheus,
 *     which Grafana sends as a form
 */
record ApiRoute(HttpMethod method, Pattern path, Upstream upstream) {
  private static final String SEGMENT = "[A-Za-z0-9._:@~-]{1,128}";
  private static final List<ApiRoute> ALL =
      List.of(
          get("/api/v1/incidents(/" + SEGMENT + "){0,2}", Upstream.INCIDENT),
          post("/api/v1/incidents/" + SEGMENT + "/(acknowledge|resolve)", Upstream.INCIDENT),
          get("/api/v1/(traces|logs|services|attributes)(/" + SEGMENT + "){0,2}", Upstream.STORAGE),
          get("/api/v1/(service-map|exceptions)", Upstream.STORAGE),
          get("/prometheus/api/v1(/" + SEGMENT + "){1,3}", Upstream.STORAGE),
          post(
              "/prometheus/api/v1/(query|query_range|query_exemplars|series|labels|format_query)",
              Upstream.STORAGE),
          get("/api/v1/(alerts|rules)(/" + SEGMENT + "){0,2}", Upstream.ALERT));

  private static ApiRoute get(String path, Upstream upstream) {
    return new ApiRoute(HttpMethod.GET, Pattern.compile(path), upstream);
  }

  private static ApiRoute post(String path, Upstream upstream) {
    return new ApiRoute(HttpMethod.POST, Pattern.compile(path), upstream);
  }

  /** The methods by which the console offers a path, as {@code Allow} has them; empty for none. */
  static String allowed(String path) {
    Set<String> names = new TreeSet<>();
    for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
      find(method, path).ifPresent(route -> names.add(method.name()));
    }
    if (names.contains(HttpMethod.GET.name())) {
      names.add(HttpMethod.HEAD.name());
    }
    if (!names.isEmpty()) {
      names.add(HttpMethod.OPTIONS.name());
    }
    return String.join(", ", names);
  }

  /** Empty when the console does not offer it. A path holds no percent escapes and no dot dots. */
  static Optional<ApiRoute> find(HttpMethod method, String path) {
    if (path.contains("..")) {
      return Optional.empty();
    }
    return ALL.stream()
        .filter(r -> r.method.equals(method) && r.path.matcher(path).matches())
        .findFirst();
  }
}
