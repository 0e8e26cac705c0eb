package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.http.ApiSchemas;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.WebSocketTexts;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The own JSON API on real backends; every answer is held against the OpenAPI document. */
final class ReadApiIT {
  private static StorageRig rig;
  private static StorageService service;

  @BeforeAll
  static void startService() throws Exception {
    rig = new StorageRig("reads", Backends.freshDatabase("reads"), 2);
    service = rig.start();
  }

  @AfterAll
  static void stopService() throws Exception {
    rig.close();
  }

  private static JsonObject valid(String schema, String path) {
    JsonObject answer = rig.json(service, path);
    ApiSchemas.assertValid(schema, answer);
    return answer;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static List<String> column(JsonArray array, String field) {
    return array.stream().map(each -> ((JsonObject) each).getString(field)).toList();
  }

  @Test
  void traces_comeInPagesWithoutOverlap_thoughTheirSpansInterleave() throws Exception {
    String name = Backends.uniqueName("paged");
    long now = Otlp.nowNanos();
    List<String> newestFirst = new ArrayList<>();
    // Every trace has an early and a late span, so that later pages meet early spans of earlier
    // ones.
    for (int i = 0; i < 30; i++) {
      ByteString traceId = Otlp.id(16);
      Span early = Otlp.span(traceId, "early", now - 600_000_000_000L - i).build();
      Span late = Otlp.span(traceId, "late", now - i * 1_000_000_000L).build();
      rig.send(rig.topics.spans(), i % 2, Otlp.spans(name, List.of(early)));
      rig.send(rig.topics.spans(), (i + 1) % 2, Otlp.spans(name, List.of(late)));
      newestFirst.add(HexFormat.of().formatHex(traceId.toByteArray()));
    }
    String path = "/api/v1/traces?service=" + name;
    await()
        .atMost(StorageRig.PATIENCE)
        .until(
            () ->
                rig.json(service, path + "&limit=100").getJsonArray("traces").stream()
                        .mapToInt(t -> ((JsonObject) t).getInteger("spanCount"))
                        .sum()
                    == 60);

    Set<String> paged = new LinkedHashSet<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonObject page = valid("TracePage", path + "&limit=7" + cursor);
      List<String> ids = column(page.getJsonArray("traces"), "traceId");
      assertThat(paged).doesNotContainAnyElementsOf(ids);
      paged.addAll(ids);
      cursor = page.containsKey("next") ? "&cursor=" + page.getString("next") : "";
      pages++;
    } while (!cursor.isEmpty() && pages < 20);
    assertThat(List.copyOf(paged)).isEqualTo(newestFirst);
  }

  @Test
  void traces_areFoundByAnyAttribute_withEveryOperator() throws Exception {
    String name = Backends.uniqueName("attributes");
    long now = Otlp.nowNanos();
    ByteString plain = Otlp.id(16);
    ByteString failing = Otlp.id(16);
    Span root = Otlp.span(plain, "GET /a", now).addAttributes(Otlp.text("user.id", "u-17")).build();
    rig.send(rig.topics.spans(), 0, Otlp.spans(name, List.of(root)));
    rig.send(
        rig.topics.spans(), 1, Otlp.spans(name, List.of(Otlp.failing(failing, Otlp.id(8), now))));
    await().atMost(StorageRig.PATIENCE).until(() -> found(name, "").size() == 2);
    String plainId = HexFormat.of().formatHex(plain.toByteArray());
    String failingId = HexFormat.of().formatHex(failing.toByteArray());

    assertThat(found(name, "user.id=u-17")).containsExactly(plainId);
    assertThat(found(name, "user.id!=u-17")).containsExactly(failingId);
    assertThat(found(name, "user.id=~u-[0-9]+")).containsExactly(plainId);
    assertThat(found(name, "user.id!~u-.*")).containsExactly(failingId);
    assertThat(found(name, "http.response.status_code>=200")).hasSize(2);
    assertThat(found(name, "http.response.status_code>200")).isEmpty();
    assertThat(found(name, "resource:service.instance.id=" + name + "-1")).hasSize(2);
    assertThat(found(name, "span:service.instance.id=" + name + "-1")).isEmpty();
    assertThat(found(name, "event:exception.stacktrace=~.*Shop.java:42.*"))
        .containsExactly(failingId);
    assertThat(found(name, "any:exception.stacktrace=~.*Shop.java:42.*"))
        .containsExactly(failingId);
    // No service named: the attribute finds it alone.
    JsonObject page =
        valid("TracePage", "/api/v1/traces?attribute=" + encoded("user.id=u-17") + "&limit=5");
    assertThat(column(page.getJsonArray("traces"), "traceId")).contains(plainId);

    JsonObject keys = valid("AttributeKeys", "/api/v1/attributes?signal=traces&limit=1000");
    assertThat(column(keys.getJsonArray("attributes"), "key"))
        .contains("user.id", "service.name", "exception.stacktrace");
    JsonObject values = valid("AttributeValues", "/api/v1/attributes/user.id?scope=item");
    assertThat(values.getJsonArray("values")).contains("u-17");
  }

  private static List<String> found(String name, String attribute) {
    String filter = attribute.isEmpty() ? "" : "&attribute=" + encoded(attribute);
    JsonObject page = valid("TracePage", "/api/v1/traces?service=" + name + filter);
    return column(page.getJsonArray("traces"), "traceId");
  }

  @Test
  void trace_hasItsLogsInside_andIsStreamed() throws Exception {
    String name = Backends.uniqueName("large");
    ByteString traceId = Otlp.id(16);
    long now = Otlp.nowNanos();
    int spans = 3_000;
    for (int batch = 0; batch < 3; batch++) {
      List<Span> some = new ArrayList<>();
      for (int i = 0; i < spans / 3; i++) {
        some.add(
            Otlp.span(traceId, "step", now + i)
                .addAttributes(Otlp.text("filler", "x".repeat(500) + i))
                .build());
      }
      rig.send(rig.topics.spans(), 0, Otlp.spans(name, some));
    }
    LogRecord log = Otlp.log("inside the trace", now).setTraceId(traceId).build();
    rig.send(rig.topics.logs(), 0, Otlp.logs(name, List.of(log)));
    String path = "/api/v1/traces/" + HexFormat.of().formatHex(traceId.toByteArray());
    await()
        .atMost(StorageRig.PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              JsonObject trace = rig.json(service, path);
              return spans(trace) == spans && trace.getJsonArray("logs").size() == 1;
            });

    JsonObject trace = valid("Trace", path);
    assertThat(column(trace.getJsonArray("logs"), "text")).containsExactly("inside the trace");
    // About 1.8 MB in chunks of 512 KiB.
    assertThat(trace.getJsonArray("resourceSpans")).hasSizeGreaterThan(2);
    assertThat(rig.json(service, path + "?logs=false").containsKey("logs")).isFalse();
    long seconds = now / 1_000_000_000;
    String around = path + "?start=" + (seconds - 60) + "&end=" + (seconds + 60);
    assertThat(spans(rig.json(service, around))).isEqualTo(spans);
    assertThat(rig.get(service, path + "?start=1000&end=2000").statusCode()).isEqualTo(404);
  }

  private static int spans(JsonObject trace) {
    int count = 0;
    for (Object resource : trace.getJsonArray("resourceSpans")) {
      for (Object scope : ((JsonObject) resource).getJsonArray("scopeSpans")) {
        count += ((JsonObject) scope).getJsonArray("spans").size();
      }
    }
    return count;
  }

  @Test
  void logs_areFilteredCountedAndPaged() throws Exception {
    String name = Backends.uniqueName("logging");
    long now = Otlp.nowNanos();
    List<LogRecord> records = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      records.add(
          Otlp.log("order-" + i + " took " + i * 3 + "ms", now - i / 5 * 1_000_000_000L)
              .setSeverityNumber(
                  i % 10 == 0
                      ? SeverityNumber.SEVERITY_NUMBER_ERROR
                      : SeverityNumber.SEVERITY_NUMBER_INFO)
              .addAttributes(Otlp.text("shop", i % 2 == 0 ? "even" : "odd"))
              .build());
    }
    rig.send(rig.topics.logs(), 0, Otlp.logs(name, records));
    String path = "/api/v1/logs?service=" + name;
    await().atMost(StorageRig.PATIENCE).until(() -> texts(path).size() == 50);

    assertThat(texts(path + "&regex=" + encoded("order-4[0-2] took"))).hasSize(3);
    assertThat(texts(path + "&not_regex=" + encoded("order-[0-9] "))).hasSize(40);
    assertThat(texts(path + "&contains=" + encoded("er-7 to"))).hasSize(1);
    assertThat(texts(path + "&not_contains=order-1")).hasSize(39);
    assertThat(texts(path + "&attribute=" + encoded("shop=odd"))).hasSize(25);
    assertThat(texts(path + "&attribute=" + encoded("shop!=odd"))).hasSize(25);
    assertThat(texts(path + "&direction=oldest_first&limit=5"))
        .allMatch(text -> text.startsWith("order-4"));

    // Five records share each time, so pages of three end in their midst.
    for (String direction : List.of("newest_first", "oldest_first")) {
      List<String> all = texts(path + "&direction=" + direction);
      List<String> paged = new ArrayList<>();
      String cursor = "";
      do {
        JsonObject page = valid("LogPage", path + "&limit=3&direction=" + direction + cursor);
        paged.addAll(column(page.getJsonArray("logs"), "text"));
        cursor = page.containsKey("next") ? "&cursor=" + page.getString("next") : "";
      } while (!cursor.isEmpty() && paged.size() < 100);
      assertThat(paged).isEqualTo(all);
    }

    JsonObject histogram =
        valid("LogHistogram", "/api/v1/logs/histogram?service=" + name + "&step=1m");
    long errors = 0;
    long infos = 0;
    for (Object bucket : histogram.getJsonArray("buckets")) {
      JsonObject counts = ((JsonObject) bucket).getJsonObject("counts");
      errors += counts.getLong("error", 0L);
      infos += counts.getLong("info", 0L);
    }
    assertThat(errors).isEqualTo(5);
    assertThat(infos).isEqualTo(45);
  }

  private static List<String> texts(String path) {
    return column(valid("LogPage", path).getJsonArray("logs"), "text");
  }

  @Test
  void tail_showsMatchingRecordsAsTheyAreStored() throws Exception {
    String name = Backends.uniqueName("tail");
    ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();
    String base = service.endpoints().values().iterator().next().replace("http:", "ws:");
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create(base + "/logs/tail?severity=error&service=" + name),
                new WebSocketTexts(received::add))
            .get(20, TimeUnit.SECONDS);
    // Nothing tells when the first look is over: send until something comes.
    await()
        .atMost(StorageRig.PATIENCE)
        .until(
            () -> {
              long now = Otlp.nowNanos();
              LogRecord error =
                  Otlp.log("loud", now)
                      .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_ERROR)
                      .build();
              LogRecord info = Otlp.log("quiet", now).build();
              rig.send(rig.topics.logs(), 1, Otlp.logs(name, List.of(error, info)));
              return !received.isEmpty();
            });
    JsonObject message = new JsonObject(received.peek());
    ApiSchemas.assertValid("LogTailMessage", message);
    assertThat(column(message.getJsonArray("logs"), "text")).containsOnly("loud");
    assertThat(message.getLong("dropped")).isZero();
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
    await()
        .atMost(StorageRig.PATIENCE)
        .until(
            () ->
                rig.get(service, "/metrics")
                    .body()
                    .contains("tocsin_storage_tails{service=\"storage-service\"} 0.0"));

    HttpResponse<String> plain = rig.get(service, "/api/v1/logs/tail");
    assertThat(plain.statusCode()).isEqualTo(426);
    ApiSchemas.assertValid("Problem", new JsonObject(plain.body()));
  }

  @Test
  void services_haveRatesErrorsAndDurations_fromTheSummaries() {
    String name = Backends.uniqueName("red");
    partitions();
    execute(
        """
        insert into telemetry.operation (part, service, name, kind, first_seen, last_seen, op)
        values (0, '%1$s', 'GET /', 2, now(), now(), 1), (1, '%1$s', 'GET /', 2, now(), now(), 1),
          (0, '%1$s', 'work', 1, now(), now(), 2)\
        """
            .formatted(name));
    execute(
        """
        insert into telemetry.span_red (part, minute, id, op, status, bucket, calls, sum_ns)
        select p, date_trunc('minute', now() - interval '10 minutes'), id, array[op, op]::bigint[], array[s, s]::smallint[],
          array[4, 7]::smallint[], array[5, 5], array[100000000, 400000000]::bigint[]
        from (values (0, -7, 1, 0), (0, -8, 1, 2), (1, -7, 1, 0), (0, -9, 2, 0)) as v (p, id, op, s)\
        """);
    JsonObject services = valid("ServiceRed", "/api/v1/services/red");
    JsonObject whole = only(services.getJsonArray("services"), "service", name);
    assertThat(whole.getInteger("calls")).isEqualTo(30);
    assertThat(whole.getInteger("errors")).isEqualTo(10);
    assertThat(whole.getDouble("errorRatio")).isEqualTo(10.0 / 30);
    assertThat(whole.getLong("otherSpans")).isEqualTo(10);
    assertThat(whole.getDouble("meanSeconds")).isEqualTo(0.05);
    assertThat(whole.getDouble("p99Seconds")).isBetween(0.05, 0.1);

    JsonObject operations = valid("OperationRed", "/api/v1/services/" + name + "/red");
    assertThat(column(operations.getJsonArray("operations"), "name")).containsExactly("GET /");
    assertThat(operations.getLong("otherSpans")).isEqualTo(10);
    JsonObject overTime =
        valid(
            "RedOverTime",
            "/api/v1/services/" + name + "/over-time?operation=work&kind=internal&step=5m");
    assertThat(overTime.getJsonArray("points")).hasSize(1);
    assertThat(overTime.getJsonArray("points").getJsonObject(0).getInteger("calls")).isEqualTo(10);
    valid("Operations", "/api/v1/services/" + name + "/operations?kind=server");
    valid("Services", "/api/v1/services");
  }

  @Test
  void red_countsRequests_andOtherKindsApart() {
    String name = Backends.uniqueName("kinds");
    partitions();
    execute(
        """
        insert into telemetry.operation (part, service, name, kind, first_seen, last_seen, op)
        select 0, '%1$s' || suffix, 'kind ' || kind, kind, now() - interval '2 days', now(),
          base + kind
        from generate_series(0, 5) as kind, (values ('', 100), ('-cron', 200)) as v (suffix, base)
        where base = 100 or kind < 2\
        """
            .formatted(name));
    // A fifth of the requests fails; clients and internal spans do not.
    execute(
        """
        insert into telemetry.span_red (part, minute, id, op, status, bucket, calls, sum_ns)
        values (0, date_trunc('minute', now() - interval '10 minutes'), -20,
          array[100, 101, 102, 102, 103, 104, 105, 200, 201]::bigint[],
          array[0, 0, 0, 2, 0, 0, 0, 0, 0]::smallint[], array[4, 4, 4, 4, 4, 4, 4, 4, 4]::smallint[],
          array[7, 30, 6, 2, 40, 3, 2, 5, 6], array_fill(1000000::bigint, array[9]))\
        """);
    String path = "/api/v1/services/red";
    JsonObject requests = only(array(path, "services"), "service", name);
    assertThat(requests.getInteger("calls")).isEqualTo(10);
    assertThat(requests.getDouble("errorRatio")).isEqualTo(0.2);
    assertThat(requests.getLong("otherSpans")).isEqualTo(80);
    JsonObject cron = only(array(path, "services"), "service", name + "-cron");
    assertThat(cron.getInteger("calls")).isZero();
    assertThat(cron.getDouble("callsPerSecond")).isZero();
    assertThat(cron.getLong("otherSpans")).isEqualTo(11);

    assertThat(calls(path, "all", name)).isEqualTo(90);
    assertThat(calls(path, "client", name)).isEqualTo(40);
    assertThat(calls(path, "client,producer", name)).isEqualTo(43);
    assertThat(calls(path, "internal", name)).isEqualTo(37);
    String ofCron = "/api/v1/services/" + name + "-cron";
    assertThat(array(ofCron + "/red", "operations")).isEmpty();
    assertThat(array(ofCron + "/red?kind=internal", "operations")).hasSize(2);
    JsonObject overTime = valid("RedOverTime", ofCron + "/over-time");
    assertThat(overTime.getJsonArray("points")).isEmpty();
    assertThat(overTime.getLong("otherSpans")).isEqualTo(11);
    assertThat(rig.get(service, path + "?kind=unspecified").statusCode()).isEqualTo(400);
  }

  private static JsonArray array(String path, String key) {
    return rig.json(service, path).getJsonArray(key);
  }

  private static int calls(String path, String kinds, String name) {
    return only(array(path + "?kind=" + kinds, "services"), "service", name).getInteger("calls");
  }

  @Test
  void rates_ofAServiceYoungerThanTheRange_areOfItsOwnTime() {
    String name = Backends.uniqueName("age");
    partitions();
    execute(
        """
        insert into telemetry.operation (part, service, name, kind, first_seen, last_seen, op)
        values (0, '%1$s-young', 'GET /', 2, now() - interval '3 minutes', now(), 300),
          (0, '%1$s-old', 'GET /', 2, now() - interval '2 days', now(), 301)\
        """
            .formatted(name));
    execute(
        """
        insert into telemetry.span_red (part, minute, id, op, status, bucket, calls, sum_ns)
        values (0, date_trunc('minute', now() - interval '3 minutes'), -21,
          array[300, 301]::bigint[], array[0, 0]::smallint[], array[4, 4]::smallint[],
          array[3600, 3600], array[1000000, 1000000]::bigint[])\
        """);
    JsonArray services = array("/api/v1/services/red", "services");
    // Minutes are whole, so up to one more than its age.
    assertThat(only(services, "service", name + "-young").getDouble("callsPerSecond"))
        .isBetween(3_600 / 270.0, 3_600 / 180.0);
    assertThat(only(services, "service", name + "-old").getDouble("callsPerSecond"))
        .isBetween(3_600 / 3_720.0, 3_600 / 3_480.0);
    JsonArray points = array("/api/v1/services/" + name + "-young/over-time?step=30m", "points");
    assertThat(points.getJsonObject(points.size() - 1).getDouble("callsPerSecond"))
        .isGreaterThan(3_600 / 270.0);
  }

  @Test
  void mapAndExceptions_comeFromTheSummaries() {
    String name = Backends.uniqueName("edges");
    partitions();
    execute(
        """
        insert into telemetry.service_edge
          (part, minute, id, client, server, connection_type, calls, failed, client_ns, server_ns)
        select part, date_trunc('minute', now()), -7, '{%1$s}', '{db}', '{database}', '{4}',
          array[failed], '{8000000000}', '{0}' from (values (0, 1), (1, 0)) as v (part, failed)\
        """
            .formatted(name));
    JsonObject map = valid("ServiceMap", "/api/v1/service-map");
    JsonObject edge = only(map.getJsonArray("edges"), "client", name);
    assertThat(edge.getInteger("calls")).isEqualTo(8);
    assertThat(edge.getDouble("clientMeanSeconds")).isEqualTo(2.0);

    execute(
        """
        insert into telemetry.exception_group
          (part, fingerprint, service, type, message, stack, trace_id, first_seen, last_seen)
        values (0, -5, '%1$s', 'IllegalState', 'no cart', 'at Shop', gen_random_uuid(),
          now() - interval '1 day', now())\
        """
            .formatted(name));
    execute(
        """
        insert into telemetry.exception_minute (part, minute, fingerprint, from_logs, occurrences)
        values (0, date_trunc('minute', now()), -5, false, 12)\
        """);
    JsonObject exceptions = valid("Exceptions", "/api/v1/exceptions?service=" + name);
    JsonObject group = only(exceptions.getJsonArray("exceptions"), "type", "IllegalState");
    assertThat(group.getInteger("occurrences")).isEqualTo(12);
    assertThat(group.getString("traceId")).hasSize(32);
  }

  private static JsonObject only(JsonArray array, String field, String value) {
    List<JsonObject> matching =
        array.stream()
            .map(JsonObject.class::cast)
            .filter(each -> value.equals(each.getString(field)))
            .toList();
    assertThat(matching).hasSize(1);
    return matching.get(0);
  }

  /** Rows of days for which the service made no partition yet. */
  private static void partitions() {
    for (String table : List.of("span_red", "service_edge", "exception_minute")) {
      execute(
          "create table if not exists telemetry.%1$s_rest partition of telemetry.%1$s default"
              .formatted(table));
    }
  }

  private static void execute(String sql) {
    Backends.execute(rig.postgres, sql);
  }

  @Test
  void statement_isCancelledInTheDatabase_whenTheClientGoes() throws Exception {
    try (Connection connection = Backends.connect(rig.postgres);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table telemetry.log_seg in access exclusive mode");
      URI base = URI.create(service.endpoints().values().iterator().next());
      try (Socket client = new Socket(base.getHost(), base.getPort())) {
        client
            .getOutputStream()
            .write(
                "GET /api/v1/logs?attribute=cancelled=yes HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        await().atMost(StorageRig.PATIENCE).until(() -> waiting() == 1);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      // The lock is still held: only a cancel ends the statement this early.
      await().atMost(StorageRig.PATIENCE).until(() -> waiting() == 0);
      connection.rollback();
    }
    assertThat(rig.get(service, "/metrics").body())
        .contains("tocsin_storage_queries_total{outcome=\"cancelled\"");
  }

  private static long waiting() {
    return rig.number(
        "select count(*) from pg_stat_activity where datname = current_database()"
            + " and wait_event_type = 'Lock' and query like '%max_ts, part, id, fmt from log_seg%'");
  }
}
