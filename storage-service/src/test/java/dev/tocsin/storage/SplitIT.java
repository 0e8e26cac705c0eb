package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Parts named for two databases: each holds its own, each span is in one of them. */
final class SplitIT {
  private static final int PARTS = 4;
  private static final int SPANS = 10;

  @Test
  void parts_areStoredWhereTheyAreNamed() throws Exception {
    PostgresServer first = Backends.freshDatabase("split-a");
    PostgresServer second = Backends.freshDatabase("split-b");
    try (StorageRig rig = new StorageRig("split", first, PARTS)) {
      rig.with("storage.parts", "0-1").start();
      rig.with("storage.parts", "2-3").with("postgres.database", second.database());
      StorageService other = rig.start();
      send(rig);
      awaitParts(first, "{0,1}");
      awaitParts(second, "{2,3}");

      // A restart goes on where it was.
      rig.stop(other);
      send(rig);
      rig.start();
      awaitSpans(first, 2 * 2 * SPANS);
      awaitSpans(second, 2 * 2 * SPANS);
      assertThat(parts(first)).isEqualTo("{0,1}");
      assertThat(parts(second)).isEqualTo("{2,3}");

      // As README says for copies: here the second is taken for one of the first.
      execute(first, deletionInReadme());
      execute(second, deletionInReadme());
      assertThat(text(first, "select sum(n) from telemetry.span_seg"))
          .isEqualTo(Integer.toString(2 * 2 * SPANS));
      for (String table : List.of("span_seg", "span_red", "trace_summary", "operation")) {
        assertThat(text(second, "select count(*) from telemetry." + table)).isEqualTo("0");
      }
    }
  }

  @Test
  void queries_areAnswered_fromTheDatabaseNamedForThem() throws Exception {
    PostgresServer server = Backends.freshDatabase("reading");
    try (StorageRig rig = new StorageRig("reading", server, 1)) {
      String address = server.host() + ":" + server.port() + "/" + server.database();
      StorageService service = rig.with("storage.query_from", address).start();
      Span span = Otlp.span(Otlp.id(16), "GET /", Otlp.nowNanos()).build();
      rig.send(rig.topics.spans(), 0, Otlp.spans("reading", List.of(span)));
      rig.awaitItems("span_seg", 1);
      assertThat(rig.get(service, "/api/v1/services").body()).contains("reading");
    }
  }

  private static void send(StorageRig rig) throws Exception {
    for (int part = 0; part < PARTS; part++) {
      for (int i = 0; i < SPANS; i++) {
        Span span = Otlp.span(Otlp.id(16), "GET /" + i, Otlp.nowNanos()).build();
        rig.send(rig.topics.spans(), part, Otlp.spans("split", List.of(span)));
      }
    }
  }

  private static void awaitParts(PostgresServer server, String parts) {
    await()
        .atMost(StorageRig.PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(parts(server)).isEqualTo(parts));
    awaitSpans(server, 2 * SPANS);
  }

  private static void awaitSpans(PostgresServer server, int spans) {
    await()
        .atMost(StorageRig.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(text(server, "select sum(n) from telemetry.span_seg"))
                    .isEqualTo(Integer.toString(spans)));
  }

  private static String parts(PostgresServer server) throws SQLException {
    return text(server, "select array_agg(distinct part order by part) from telemetry.span_seg");
  }

  private static String deletionInReadme() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int start = readme.indexOf("```plpgsql\n") + "```plpgsql\n".length();
    return readme.substring(start, readme.indexOf("```", start));
  }

  private static void execute(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = Backends.connect(server);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String text(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = Backends.connect(server);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }
}
