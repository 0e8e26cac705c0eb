package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.SeriesCollisions;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TraceReader;
import dev.tocsin.storage.service.StorageConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OpenAPI document says what the code does, no more and no less. */
final class OpenApiTest {
  private static Vertx vertx;
  private static List<Endpoint> endpoints;

  @BeforeAll
  static void create() {
    vertx = Vertx.vertx();
    StorageConfig config = StorageConfig.from(Settings.of(Map.of()));
    ServiceContext context = ServiceContext.create(vertx, "openapi", InstantSource.system());
    endpoints =
        new StorageRoutes(
                context,
                config.query(),
                new StorageRoutes.Readers(
                    unasked(TraceReader.class),
                    unasked(LogReader.class),
                    unasked(MetricReader.class),
                    unasked(ServiceReader.class),
                    unasked(AttributeReader.class),
                    unasked(AttributeReader.class),
                    new SeriesCollisions(InstantSource.system())))
            .endpoints();
  }

  /** Routes are listed without asking anything. */
  private static <T> T unasked(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (self, method, arguments) -> {
              throw new IllegalStateException(method.getName() + " was asked");
            }));
  }

  @AfterAll
  static void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void routes_areThoseOfTheDocument() {
    TreeSet<String> served = new TreeSet<>();
    for (Endpoint endpoint : endpoints) {
      endpoint.methods().forEach(method -> served.add(method + " " + endpoint.path()));
    }
    TreeSet<String> described = new TreeSet<>();
    JsonObject paths = ApiSchemas.document().getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (String method : paths.getJsonObject(path).fieldNames()) {
        described.add(method.toUpperCase(Locale.ROOT) + " " + path);
      }
    }
    assertThat(described).isEqualTo(served);
  }

  @Test
  void queryParameters_areThoseOfTheDocument() {
    Map<String, Set<String>> served = new TreeMap<>();
    Map<String, Set<String>> described = new TreeMap<>();
    for (Endpoint endpoint : endpoints) {
      for (HttpMethod method : endpoint.methods()) {
        String name = method + " " + endpoint.path();
        served.put(name, new TreeSet<>(endpoint.parameters()));
        described.put(name, parameters(endpoint.path(), method));
      }
    }
    assertThat(described).isEqualTo(served);
  }

  private static Set<String> parameters(String path, HttpMethod method) {
    JsonObject operation =
        ApiSchemas.document()
            .getJsonObject("paths")
            .getJsonObject(path)
            .getJsonObject(method.name().toLowerCase(Locale.ROOT));
    Set<String> names = new TreeSet<>();
    for (Object parameter : operation.getJsonArray("parameters", new JsonArray())) {
      JsonObject each = (JsonObject) parameter;
      if (each.getString("in").equals("query")) {
        names.add(each.getString("name"));
      }
    }
    JsonObject form = operation.getJsonObject("requestBody");
    if (form != null) {
      JsonObject content =
          form.getJsonObject("content").getJsonObject("application/x-www-form-urlencoded");
      names.addAll(content.getJsonObject("schema").getJsonObject("properties").fieldNames());
    }
    return names;
  }

  @Test
  void pathParameters_andReferences_areDefined() {
    JsonObject document = ApiSchemas.document();
    Set<String> schemas =
        document.getJsonObject("components").getJsonObject("schemas").fieldNames();
    for (String reference : references(document, new ArrayList<>())) {
      assertThat(schemas).contains(reference.replace("#/components/schemas/", ""));
    }
    JsonObject paths = document.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (Map.Entry<String, Object> operation : paths.getJsonObject(path)) {
        Set<String> declared = new TreeSet<>();
        for (Object parameter : ((JsonObject) operation.getValue()).getJsonArray("parameters")) {
          if (((JsonObject) parameter).getString("in").equals("path")) {
            declared.add("{" + ((JsonObject) parameter).getString("name") + "}");
          }
        }
        Set<String> used = new TreeSet<>(List.of(path.split("/")));
        used.removeIf(segment -> !segment.startsWith("{"));
        assertThat(declared).as(path).isEqualTo(used);
      }
    }
  }

  private static List<String> references(Object json, List<String> found) {
    if (json instanceof JsonObject object) {
      for (Map.Entry<String, Object> entry : object) {
        if (entry.getKey().equals("$ref")) {
          found.add((String) entry.getValue());
        }
        references(entry.getValue(), found);
      }
    } else if (json instanceof JsonArray array) {
      array.forEach(each -> references(each, found));
    }
    return found;
  }

  /** Or the samples of the integration tests would prove nothing. */
  @Test
  void schemas_refuseWhatTheyDoNotDescribe() {
    ApiSchemas.assertValid("LogPage", new JsonObject().put("logs", new JsonArray()));
    assertThatThrownBy(
            () -> ApiSchemas.assertValid("LogPage", new JsonObject().put("log", new JsonArray())))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () ->
                ApiSchemas.assertValid(
                    "TracePage", new JsonObject().put("traces", new JsonArray().add("x"))))
        .isInstanceOf(AssertionError.class);
  }
}
