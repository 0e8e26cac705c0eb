package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables for people say what was sent, and every query of the README has an answer. */
final class AskWithSqlIT {
  private static final Pattern QUERY = Pattern.compile("```sql\n(.+?)```", Pattern.DOTALL);
  private static final String LAST_HOUR = "(now() - interval '1 hour', now())";
  private static final int TRACES = 12;

  private static StorageRig rig;

  /** Each trace: shop calls cart (its server span fails once in three), cart asks its database. */
  @BeforeAll
  static void send() throws Exception {
    rig = new StorageRig("ask", Backends.freshDatabase("ask"), 2);
    rig.start();
    for (int i = 0; i < TRACES; i++) {
      ByteString trace = Otlp.id(16);
      long start = Otlp.nowNanos() - 2_000_000_000L;
      Span root = Otlp.span(trace, "GET /shop", start).build();
      Span client =
          Otlp.span(trace, "GET", start + 1_000_000)
              .setParentSpanId(root.getSpanId())
              .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
              .build();
      Span.Builder server =
          Otlp.span(trace, "GET /cart", start + 2_000_000).setParentSpanId(client.getSpanId());
      if (i % 3 == 0) {
        server =
            Otlp.failing(trace, client.getSpanId(), start + 2_000_000).toBuilder()
                .setKind(Span.SpanKind.SPAN_KIND_SERVER)
                .setName("GET /cart");
        LogRecord log =
            Otlp.log("charge failed", start)
                .setTraceId(trace)
                .addAttributes(Otlp.text("exception.stacktrace", "at Shop.charge(Shop.java:44)"))
                .build();
        rig.send(rig.topics.logs(), i % 2, Otlp.logs("cart", List.of(log)));
      }
      Span query =
          Otlp.span(trace, "select cart", start + 3_000_000)
              .setParentSpanId(server.getSpanId())
              .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
              .addAttributes(Otlp.text("db.system.name", "postgresql"))
              .build();
      // Sent again, as senders do that got no answer: everything counts once all the same.
      for (int attempt = 0; attempt < 3; attempt++) {
        rig.send(rig.topics.spans(), i % 2, Otlp.spans("shop", List.of(root, client)));
        rig.send(rig.topics.spans(), i % 2, Otlp.spans("cart", List.of(server.build(), query)));
      }
    }
    rig.awaitItems("span_seg", TRACES * 4);
    rig.awaitItems("log_seg", TRACES / 3);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  static Stream<String> queries() throws Exception {
    Matcher matcher = QUERY.matcher(Files.readString(Path.of("README.md")));
    return matcher.results().map(result -> result.group(1));
  }

  @ParameterizedTest
  @MethodSource("queries")
  void readme_query_hasAnAnswer(String query) throws Exception {
    assertThat(rows(query)).isNotEmpty();
  }

  @Test
  void red_saysWhatWasCalled() throws Exception {
    assertThat(
            rows(
                "select service, operation, calls, errors, mean_seconds, p95_seconds < 0.05"
                    + " from telemetry.red"
                    + LAST_HOUR
                    + " order by 1, 2"))
        .containsExactly("cart|GET /cart|12|4|0.025|t", "shop|GET /shop|12|0|0.025|t");
  }

  @Test
  void red_saysWhatWasCalledElsewhere_whenAskedForClients() throws Exception {
    assertThat(
            rows(
                "select service, operation, calls from telemetry.red("
                    + "now() - interval '1 hour', now() + interval '1 minute', array[3])"
                    + " order by 1, 2"))
        .containsExactly("cart|select cart|12", "shop|GET|12");
  }

  @Test
  void traces_areWhole_thoughTheyCameInSeveralRecords() throws Exception {
    assertThat(
            rows(
                "select root_service, root_operation, spans, errors, services,"
                    + " round(seconds::numeric, 3), count(*) from telemetry.traces"
                    + LAST_HOUR
                    + " group by 1, 2, 3, 4, 5, 6 order by errors"))
        .containsExactly(
            "shop|GET /shop|4|0|{cart,shop}|0.028|8", "shop|GET /shop|4|1|{cart,shop}|0.028|4");
  }

  @Test
  void map_hasTheCallAndTheDatabase() throws Exception {
    assertThat(
            rows(
                "select client, server, connection_type, calls, failed from telemetry.service_map"
                    + LAST_HOUR
                    + " order by 1"))
        .containsExactly("cart|postgresql|database|12|0", "shop|cart||12|4");
  }

  @Test
  void exception_countsOnce_whenSpanAndLogTellIt() throws Exception {
    assertThat(
            rows(
                "select service, occurrences, trace_id is not null from telemetry.exceptions"
                    + LAST_HOUR))
        .containsExactly("cart|4|t");
  }

  private static List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = Backends.connect(rig.postgres);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          values.add(result.getString(i));
        }
        rows.add(String.join("|", values));
      }
    }
    return rows;
  }
}
