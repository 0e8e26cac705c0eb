package dev.tocsin.common.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What may be asked of each path: HEAD wherever GET may, OPTIONS answered with the list, and the
 * same list in {@code Allow} for a method that is not offered. The router knows the paths and tells
 * nobody of them.
 */
final class OfferedMethods {
  private static final int NO_CONTENT = 204;

  private final List<Offer> offers = new ArrayList<>();

  private record Offer(Pattern path, Set<HttpMethod> methods) {}

  /** To be called when all routes are there; before the server listens. */
  void learn(Router router) {
    for (Route route : router.getRoutes()) {
      Set<HttpMethod> methods = route.methods();
      String path = route.getPath();
      if (path == null || methods == null || methods.isEmpty()) {
        continue;
      }
      if (methods.contains(HttpMethod.GET) && !methods.contains(HttpMethod.HEAD)) {
        route.method(HttpMethod.HEAD);
      }
      offers.add(new Offer(pattern(path), Set.copyOf(route.methods())));
    }
  }

  /** Parameters stand for a segment each, a star for whatever follows. */
  private static Pattern pattern(String path) {
    StringBuilder regex = new StringBuilder();
    for (String segment : path.split("(?=/)")) {
      boolean parameter = segment.startsWith("/:");
      regex.append(parameter ? "/[^/]+" : Pattern.quote(segment).replace("*", "\\E.*\\Q"));
    }
    return Pattern.compile(regex + "/?");
  }

  /** As {@code Allow} has it; empty when there is no such path. */
  private String allowed(String path) {
    Set<String> names = new TreeSet<>();
    for (Offer offer : offers) {
      if (offer.path.matcher(path).matches()) {
        offer.methods.forEach(method -> names.add(method.name()));
      }
    }
    if (!names.isEmpty()) {
      names.add(HttpMethod.OPTIONS.name());
    }
    return String.join(", ", names);
  }

  /** Answers OPTIONS, and passes anything else on. To stand before the routes. */
  void answerOptions(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    String allowed =
        request.method().equals(HttpMethod.OPTIONS) ? allowed(String.valueOf(request.path())) : "";
    if (allowed.isEmpty()) {
      routing.next();
    } else {
      var unused =
          routing.response().setStatusCode(NO_CONTENT).putHeader(HttpHeaders.ALLOW, allowed).end();
    }
  }

  /** Answers a request that no route took. */
  void refuse(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    String allowed = allowed(String.valueOf(request.path()));
    boolean offered = List.of(allowed.split(", ")).contains(request.method().name());
    if (allowed.isEmpty() || offered) {
      Problem.notFound("no " + request.path()).send(routing.response());
      return;
    }
    routing.response().putHeader(HttpHeaders.ALLOW, allowed);
    new Problem(
            405,
            "Method Not Allowed",
            request.method() + " is not offered here (expected: " + allowed + ")")
        .send(routing.response());
  }
}
