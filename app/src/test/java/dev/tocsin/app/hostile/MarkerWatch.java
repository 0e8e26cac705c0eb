package dev.tocsin.app.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.testkit.hostile.Marker;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Asks storage and alerting for a marker, as people would. */
final class MarkerWatch {
  private final HttpClient client = HttpClient.newHttpClient();
  private final HostileSuite suite;

  MarkerWatch(HostileSuite suite) {
    this.suite = suite;
  }

  /**
   * Asks until the marker has come out everywhere.
   *
   * @param spans markers' spans so far, all of which derive must have counted once
   * @return where it has not come out in time
   */
  List<String> missing(Marker marker, long spans, long limitMs) throws Exception {
    Map<String, Callable<Boolean>> open = new LinkedHashMap<>();
    open.put("trace", () -> get(suite.storage(), "/api/v1/traces/" + marker.traceId()) != null);
    open.put("log", () -> isLogged(marker));
    open.put("metric", () -> value(Marker.METRIC) == marker.number());
    open.put("RED series", () -> value(calls()) == spans);
    open.put("alert", () -> isFiring(marker));
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMs);
    while (!open.isEmpty() && System.nanoTime() < end) {
      for (String each : List.copyOf(open.keySet())) {
        if (open.get(each).call()) {
          open.remove(each);
        }
      }
      TimeUnit.MILLISECONDS.sleep(open.isEmpty() ? 0 : 100);
    }
    return new ArrayList<>(open.keySet());
  }

  private static String calls() {
    return "traces_span_metrics_calls_total{service_name=\"" + Marker.SERVICE + "\"}";
  }

  private boolean isLogged(Marker marker) throws Exception {
    JsonObject found =
        get(
            suite.storage(),
            "/api/v1/logs?limit=5&service=" + Marker.SERVICE + "&contains=" + text(marker.line()));
    return found != null
        && found.getJsonArray("logs").stream()
            .anyMatch(log -> log.toString().contains("\"" + marker.line() + "\""));
  }

  /** The one value of a query; NaN for none and for several. */
  private double value(String query) throws Exception {
    JsonObject answer = get(suite.storage(), "/prometheus/api/v1/query?query=" + text(query));
    if (answer == null) {
      return Double.NaN;
    }
    JsonArray result = answer.getJsonObject("data").getJsonArray("result");
    return result.size() == 1
        ? Double.parseDouble(result.getJsonObject(0).getJsonArray("value").getString(1))
        : Double.NaN;
  }

  private boolean isFiring(Marker marker) throws Exception {
    JsonObject answer = get(suite.alert(), "/api/v1/alerts");
    return answer != null
        && answer.getJsonObject("data").getJsonArray("alerts").stream()
            .map(JsonObject.class::cast)
            .filter(alert -> alert.getString("state").equals("firing"))
            .filter(
                alert ->
                    alert.getJsonObject("labels").getString("alertname").equals("marker_arrived"))
            .anyMatch(alert -> Double.parseDouble(alert.getString("value")) == marker.number());
  }

  private static String text(String value) {
    return URLEncoder.encode(value, UTF_8);
  }

  /** Null for every answer but 200. */
  private JsonObject get(String host, String path) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(host + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() == 200 ? new JsonObject(answer.body()) : null;
  }
}
