package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.SeriesCollisions;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TraceReader;
import dev.tocsin.storage.service.StorageConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bounds, patterns and words of the OpenAPI document are those of the real routes. */
final class OpenApiBoundsTest {
  /** Not the default, so that the document must say what is configured. */
  private static final int ROWS_MAX = 77;

  private static final Map<String, String> SAMPLES =
      Map.of(
          "traceId", "0123456789abcdef0123456789ABCDEF",
          "service", "cart",
          "key", "user.id",
          "name", "job",
          "query", "up",
          "start", "1796040000",
          "end", "1796040060",
          "step", "15s",
          "match[]", "up");

  private static Vertx vertx;
  private static ServiceHttp http;
  private static JsonObject document;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    ServiceContext context = ServiceContext.create(vertx, "bounds", InstantSource.system());
    StorageConfig config =
        StorageConfig.from(
            Settings.of(Map.of("storage.query_rows_max", Integer.toString(ROWS_MAX))));
    StorageRoutes routes =
        new StorageRoutes(
            context,
            config.query(),
            new StorageRoutes.Readers(
                busy(TraceReader.class),
                busy(LogReader.class),
                busy(MetricReader.class),
                busy(ServiceReader.class),
                busy(AttributeReader.class),
                busy(AttributeReader.class),
                new SeriesCollisions(InstantSource.system())));
    ComponentGroup nothing = new ComponentGroup("bounds", List.of(), List.of());
    http = new ServiceHttp(context, new Listen("127.0.0.1", 0), () -> nothing, routes::addTo);
    http.start().toCompletionStage().toCompletableFuture().join();
    document = new JsonObject(get("/api/v1/openapi.json").body());
  }

  /** Whatever is asked well gets this far and no farther. */
  private static <T> T busy(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (self, method, arguments) ->
                Future.failedFuture(
                    new QueryLimitException(QueryLimitException.Kind.BUSY, "others are first"))));
  }

  @AfterAll
  static void close() {
    http.stop().toCompletionStage().toCompletableFuture().join();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static HttpResponse<String> get(String pathAndQuery) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + http.port() + pathAndQuery);
    return CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private record Case(String path, JsonObject parameter, String value, boolean good) {}

  @Test
  void bounds_areThoseOfTheRoutes() throws Exception {
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (Case each : cases()) {
      HttpResponse<String> answer = get(url(each));
      boolean refused = answer.statusCode() == 400;
      if (refused == each.good()) {
        wrong.add(url(each) + ": " + answer.statusCode() + " " + answer.body());
      }
      tried++;
    }
    assertThat(wrong).isEmpty();
    assertThat(tried).isGreaterThan(150);
  }

  @Test
  void limit_isBoundedAsConfigured() {
    JsonObject schema =
        parameters("/api/v1/logs").stream()
            .filter(each -> each.getString("name").equals("limit"))
            .map(each -> each.getJsonObject("schema"))
            .findFirst()
            .orElseThrow();
    assertThat(schema.getInteger("minimum")).isEqualTo(1);
    assertThat(schema.getInteger("maximum")).isEqualTo(ROWS_MAX);
    assertThat(schema.getInteger("default")).isEqualTo(ROWS_MAX);
  }

  private static List<JsonObject> parameters(String path) {
    List<JsonObject> all = new ArrayList<>();
    JsonObject operation = document.getJsonObject("paths").getJsonObject(path).getJsonObject("get");
    for (Object parameter : operation.getJsonArray("parameters", new JsonArray())) {
      all.add((JsonObject) parameter);
    }
    return all;
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String path : document.getJsonObject("paths").fieldNames()) {
      for (JsonObject parameter : parameters(path)) {
        JsonObject schema = parameter.getJsonObject("schema");
        good(schema).forEach(value -> cases.add(new Case(path, parameter, value, true)));
        bad(schema).forEach(value -> cases.add(new Case(path, parameter, value, false)));
      }
    }
    return cases;
  }

  private static List<String> good(JsonObject schema) {
    List<String> values = new ArrayList<>();
    for (String bound : List.of("minimum", "maximum", "default")) {
      if (schema.containsKey(bound)) {
        values.add(String.valueOf(schema.getValue(bound)));
      }
    }
    schema.getJsonArray("enum", new JsonArray()).forEach(word -> values.add((String) word));
    if (schema.getString("pattern", "").contains("{32}")) {
      values.add("0123456789abcdefABCDEF0123456789");
    }
    if (schema.getString("pattern", "").contains("{16}")) {
      values.add("0123456789abcdeF");
    }
    if (schema.getString("pattern", "").contains("[wW][aA][rR][nN]")) {
      values.addAll(List.of("WARN", "fatal", "1", "24", "09"));
    }
    return values;
  }

  private static List<String> bad(JsonObject schema) {
    List<String> values = new ArrayList<>();
    if (schema.containsKey("minimum")) {
      values.add(Long.toString(schema.getLong("minimum") - 1));
      values.add("1.5");
      values.add("x");
    }
    if (schema.containsKey("maximum")) {
      values.add(Long.toString(schema.getLong("maximum") + 1));
    }
    if (schema.containsKey("enum")) {
      values.add("nothing-like-it");
    }
    if (schema.containsKey("pattern")) {
      values.add("0123456789abcdef0123456789abcdeg");
      values.add("25");
      values.add("25 parsecs");
    }
    if (schema.getString("type").equals("boolean")) {
      values.add("maybe");
    }
    if (schema.containsKey("maxLength")) {
      values.add("1".repeat(schema.getInteger("maxLength")) + "s");
    }
    JsonObject items = schema.getJsonObject("items", new JsonObject());
    if (items.containsKey("maxLength")) {
      values.add("a=" + "1".repeat(items.getInteger("maxLength")));
    }
    if (items.containsKey("enum")) {
      values.add("nothing-like-it");
    }
    return values;
  }

  private static String url(Case each) {
    String path = each.path();
    Map<String, String> query = new LinkedHashMap<>();
    for (JsonObject parameter : parameters(each.path())) {
      String name = parameter.getString("name");
      boolean tried = name.equals(each.parameter().getString("name"));
      String value = tried ? each.value() : SAMPLES.getOrDefault(name, "");
      if (parameter.getString("in").equals("path")) {
        path = path.replace("{" + name + "}", encoded(value));
      } else if (tried || parameter.getBoolean("required", false) || name.equals("match[]")) {
        query.put(name, value);
      }
    }
    List<String> pairs = new ArrayList<>();
    query.forEach((name, value) -> pairs.add(encoded(name) + "=" + encoded(value)));
    return path + (pairs.isEmpty() ? "" : "?" + String.join("&", pairs));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
