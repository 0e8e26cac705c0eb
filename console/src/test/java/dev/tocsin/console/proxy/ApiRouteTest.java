package dev.tocsin.console.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ApiRouteTest {

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/incidents, INCIDENT",
    "GET, /api/v1/incidents/7, INCIDENT",
    "POST, /api/v1/incidents/7/acknowledge, INCIDENT",
    "POST, /api/v1/incidents/7/resolve, INCIDENT",
    "GET, /api/v1/traces/0af7651916cd43dd8448eb211c80319c, STORAGE",
    "GET, /api/v1/logs, STORAGE",
    "GET, /api/v1/logs/histogram, STORAGE",
    "GET, /api/v1/services/red, STORAGE",
    "GET, /api/v1/services/cart/over-time, STORAGE",
    "GET, /api/v1/service-map, STORAGE",
    "GET, /api/v1/exceptions, STORAGE",
    "GET, /api/v1/attributes/http.route, STORAGE",
    "GET, /prometheus/api/v1/query, STORAGE",
    "GET, /prometheus/api/v1/label/service_name/values, STORAGE",
    "POST, /prometheus/api/v1/query, STORAGE",
    "POST, /prometheus/api/v1/query_range, STORAGE",
    "POST, /prometheus/api/v1/series, STORAGE",
    "POST, /prometheus/api/v1/labels, STORAGE",
    "GET, /api/v1/alerts, ALERT",
    "GET, /api/v1/rules, ALERT",
  })
  void route_leadsToTheServiceThatAnswers(String method, String path, Upstream upstream) {
    assertThat(ApiRoute.find(HttpMethod.valueOf(method), path))
        .map(ApiRoute::upstream)
        .contains(upstream);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/incidents/../../metrics",
        "/api/v1/incidents/%2e%2e/metrics",
        "/api/v1/incidents/7/timeline/more",
        "/api/v1/incidents//",
        "/api/v1/unknown",
        "/metrics",
        "/health",
      })
  void route_isNotThere_forAnythingElse(String path) {
    assertThat(ApiRoute.find(HttpMethod.GET, path)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /api/v1/incidents",
    "POST, /api/v1/incidents/7/delete",
    "POST, /api/v1/rules",
    "POST, /prometheus/api/v1/write",
    "POST, /prometheus/api/v1/admin/tsdb/delete_series",
    "DELETE, /api/v1/incidents/7",
    "PUT, /api/v1/rules/x",
  })
  void route_isNotThere_forOtherMethods(String method, String path) {
    assertThat(ApiRoute.find(HttpMethod.valueOf(method), path)).isEmpty();
  }
}
