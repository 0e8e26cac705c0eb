package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.otel.JavaAgentShop;
import dev.tocsin.testkit.otel.JavaScriptShop;
import dev.tocsin.testkit.otel.SentRequests;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What real SDKs send comes back by trace id with every span, attribute and event intact. */
final class InteropIT {
  private static final Path AGENT = Path.of("target", "otel", "opentelemetry-javaagent.jar");

  @TempDir private static Path data;
  private static RunningUp up;

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws Exception {
    up = RunningUp.start(data.resolve("data"), RunningUp.freeOffset());
  }

  @AfterAll
  static void stop() throws Exception {
    up.close();
  }

  @Test
  void tracesOfTheJavaAgent_comeBackWhole_overGrpc() throws Exception {
    assertAgentsTracesComeBack("grpc", up.url("ingest.grpc_port", ""));
  }

  @Test
  void tracesOfTheJavaAgent_comeBackWhole_overHttp() throws Exception {
    assertAgentsTracesComeBack("http/protobuf", up.url("ingest.http_port", ""));
  }

  private void assertAgentsTracesComeBack(String protocol, String endpoint) throws Exception {
    List<String> written =
        JavaAgentShop.run(AGENT, directory, Backends.uniqueName("agent"), protocol, endpoint);
    Map<String, List<Map<String, Object>>> sent =
        written.stream()
            .flatMap(json -> whole(new JsonObject(json)).stream())
            .collect(Collectors.groupingBy(span -> String.valueOf(span.get("traceId"))));
    assertThat(sent.values().stream().mapToInt(List::size).sum()).isEqualTo(JavaAgentShop.SPANS);
    for (String traceId : sent.keySet()) {
      JsonObject stored = up.awaitTrace(traceId, sent.get(traceId).size());
      assertThat(whole(stored)).containsExactlyInAnyOrderElementsOf(sent.get(traceId));
    }
  }

  @Test
  void traceOfTheJavaScriptSdk_comesBackWhole() throws Exception {
    assumeTrue(JavaScriptShop.isPossible(), "node and npm cannot be run here");
    JavaScriptShop shop = JavaScriptShop.install(Path.of("target", "otel", "js"));
    SentRequests sent =
        shop.run(Backends.uniqueName("js"), "http/json", up.url("ingest.http_port", ""));
    List<Map<String, Object>> spans =
        sent.tracesJson().stream().flatMap(json -> whole(new JsonObject(json)).stream()).toList();
    assertThat(spans).hasSize(2);
    JsonObject stored = up.awaitTrace(String.valueOf(spans.get(0).get("traceId")), 2);
    assertThat(whole(stored)).containsExactlyInAnyOrderElementsOf(spans);
  }

  private static Map<String, Object> attributes(JsonArray attributes) {
    Map<String, Object> all = new TreeMap<>();
    RunningUp.objects(attributes).forEach(a -> all.put(a.getString("key"), a.getValue("value")));
    return all;
  }

  /** Every span of an OTLP/JSON body with its resource and scope, in one canonical form. */
  private static List<Map<String, Object>> whole(JsonObject otlp) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (JsonObject resource : RunningUp.objects(otlp.getJsonArray("resourceSpans")).toList()) {
      for (JsonObject scope : RunningUp.objects(resource.getJsonArray("scopeSpans")).toList()) {
        for (JsonObject span : RunningUp.objects(scope.getJsonArray("spans")).toList()) {
          Map<String, Object> canonical = message(span);
          canonical.put("resource", message(resource.getJsonObject("resource")));
          canonical.put("scope", message(scope.getJsonObject("scope", new JsonObject())));
          all.add(canonical);
        }
      }
    }
    return all;
  }

  /** Absent and default fields are one; so are numbers as text and as numbers. */
  private static Map<String, Object> message(JsonObject message) {
    Map<String, Object> canonical = new TreeMap<>();
    for (String name : message.fieldNames()) {
      Object value = message.getValue(name);
      if (name.equals("attributes")) {
        Map<String, Object> attributes = attributes((JsonArray) value);
        attributes.replaceAll((key, held) -> exact(held));
        canonical.put(name, attributes);
      } else if (value instanceof JsonObject nested) {
        canonical.put(name, message(nested));
      } else if (value instanceof JsonArray array) {
        canonical.put(name, array.stream().map(InteropIT::element).toList());
      } else if (value != null) {
        canonical.put(name, String.valueOf(value));
      }
    }
    canonical
        .values()
        .removeIf(
            value ->
                value.equals("")
                    || value.equals("0")
                    || value.equals(List.of())
                    || value.equals(Map.of()));
    return canonical;
  }

  private static Object element(Object value) {
    return value instanceof JsonObject nested ? message(nested) : String.valueOf(value);
  }

  /** An attribute's value, where a zero or an empty text is not the same as none. */
  private static Object exact(Object value) {
    if (value instanceof JsonObject object) {
      Map<String, Object> canonical = new TreeMap<>();
      object.forEach(entry -> canonical.put(entry.getKey(), exact(entry.getValue())));
      return canonical;
    }
    if (value instanceof JsonArray array) {
      return array.stream().map(InteropIT::exact).toList();
    }
    return String.valueOf(value);
  }
}
