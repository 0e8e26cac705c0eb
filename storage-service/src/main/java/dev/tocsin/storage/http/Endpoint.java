package dev.tocsin.storage.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A route as the OpenAPI document has it.
 *
 * @param methods those it answers
 * @param path with parameters in braces
 * @param parameters names of all query parameters
 */
record Endpoint(
    List<HttpMethod> methods,
    String path,
    Set<String> parameters,
    Consumer<RoutingContext> handler) {

  static Endpoint get(String path, Set<String> parameters, Consumer<RoutingContext> handler) {
    return new Endpoint(List.of(HttpMethod.GET), path, parameters, handler);
  }

  static Endpoint getOrPost(String path, Set<String> parameters, Consumer<RoutingContext> handler) {
    return new Endpoint(List.of(HttpMethod.GET, HttpMethod.POST), path, parameters, handler);
  }

  /** The path as the router has it. */
  String routerPath() {
    return path.replaceAll("\\{(\\w+)}", ":$1");
  }
}
