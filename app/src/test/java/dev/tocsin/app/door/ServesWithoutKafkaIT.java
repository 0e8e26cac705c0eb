package dev.tocsin.app.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.incident.service.IncidentConfig;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Storage and incidents are asked and answer while there is no Kafka, also from the start. */
final class ServesWithoutKafkaIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Vertx vertx = Vertx.vertx();
  private int kafkaPort;

  @BeforeEach
  void reserve() throws Exception {
    NetServer reserved =
        get(vertx.createNetServer().connectHandler(socket -> {}).listen(0, "127.0.0.1"));
    kafkaPort = reserved.actualPort();
    get(reserved.close());
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private Settings settings(String service) {
    PostgresServer database = Backends.freshDatabase("without_kafka_" + service);
    Map<String, String> all = new HashMap<>();
    all.put("kafka.bootstrap_servers", "127.0.0.1:" + kafkaPort);
    all.put("postgres.host", database.host());
    all.put("postgres.port", Integer.toString(database.port()));
    all.put("postgres.user", database.user());
    all.put("postgres.password", database.password());
    all.put("postgres.database", database.database());
    all.put(service + ".port", "0");
    return Settings.of(all);
  }

  private ServiceContext context(String service) {
    return ServiceContext.create(vertx, service, InstantSource.system());
  }

  private static HttpResponse<String> ask(Service service, String path) throws Exception {
    URI endpoint = URI.create(service.endpoints().values().iterator().next());
    return HTTP.send(
        HttpRequest.newBuilder(endpoint.resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void storage_answersQueries_andStoresOnceThereIsAKafka() throws Exception {
    StorageService service =
        StorageService.create(StorageConfig.from(settings("storage")), context("storage"));
    servesAndRecovers(service, "/api/v1/services");
  }

  @Test
  void incidents_areShown_andAlertsTakenOnceThereIsAKafka() throws Exception {
    IncidentService service =
        IncidentService.create(IncidentConfig.from(settings("incident")), context("incident"));
    servesAndRecovers(service, "/api/v1/incidents");
  }

  private void servesAndRecovers(Service service, String path) throws Exception {
    get(service.start());
    assertThat(ask(service, path).statusCode()).isEqualTo(200);
    await()
        .atMost(PATIENCE)
        .until(() -> ask(service, "/health").body().contains("Kafka at 127.0.0.1:" + kafkaPort));
    assertThat(ask(service, "/health").statusCode()).isEqualTo(200);
    HttpResponse<String> ready = ask(service, "/ready");
    assertThat(ready.statusCode()).isEqualTo(200);
    JsonObject said = new JsonObject(ready.body());
    assertThat(said.getBoolean("ready")).isTrue();
    assertThat(said.getJsonArray("without").encode())
        .contains("Kafka at 127.0.0.1:" + kafkaPort, "waits for kafka-topics");

    relayToKafka();
    await().atMost(PATIENCE).until(() -> new JsonObject(ask(service, "/ready").body()).size() == 1);
    assertThat(ask(service, path).statusCode()).isEqualTo(200);
    get(service.stop());
  }

  /** From here on there is a Kafka at the port; its own address it tells itself. */
  private void relayToKafka() throws Exception {
    URI kafka = URI.create("kafka://" + Backends.kafka());
    get(
        vertx
            .createNetServer()
            .connectHandler(
                from -> {
                  from.pause();
                  vertx
                      .createNetClient()
                      .connect(kafka.getPort(), kafka.getHost())
                      .onSuccess(
                          to -> {
                            from.handler(to::write);
                            to.handler(from::write);
                            from.closeHandler(closed -> to.close());
                            to.closeHandler(closed -> from.close());
                            from.resume();
                          });
                })
            .listen(kafkaPort, "127.0.0.1"));
  }
}
