package dev.tocsin.storage.benchmark;

import com.google.protobuf.ByteString;
import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.testkit.corpus.SpanCorpus;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import org.postgresql.PGConnection;

/** The same spans a row each, by COPY, with btree indexes: what segments are compared with. */
final class RowLayout {
  private static final int ROWS_A_COPY = 5_000;
  private static final String TABLE =
      """
      create schema rows;
      create table rows.span (trace_id uuid not null, span_id bigint not null, parent_id bigint,
        ts timestamptz not null, ns int not null, duration bigint not null, service text not null,
        name text not null, kind smallint not null, status smallint not null, attrs jsonb not null,
        events jsonb) partition by range (ts);
      create table rows.span_all partition of rows.span default;
      create index on rows.span (trace_id);
      create index on rows.span (service, ts);
      """;

  private final Backend backend;

  RowLayout(Backend backend) {
    this.backend = backend;
  }

  void measure(SpanCorpus corpus, List<ByteString> traceIds) throws Exception {
    backend.execute(TABLE);
    long wal = backend.walBytes();
    double client = Cpu.ofThisProcess();
    double server = backend.postgresCpu();
    long began = System.nanoTime();
    try (Connection connection = backend.connect()) {
      StringBuilder rows = new StringBuilder();
      int pending = 0;
      while (corpus.hasNext()) {
        pending += append(rows, ExportTraceServiceRequest.parseFrom(corpus.next()));
        if (pending >= ROWS_A_COPY || !corpus.hasNext()) {
          long unused =
              connection
                  .unwrap(PGConnection.class)
                  .getCopyAPI()
                  .copyIn("copy rows.span from stdin", new StringReader(rows.toString()));
          rows.setLength(0);
          pending = 0;
        }
      }
    }
    double million = corpus.made() / 1e6;
    System.out.printf(
        Locale.ROOT,
        "rows: %,d spans in %.1f s; %.1f B/span with indexes, WAL %.0f B/span;"
            + " CPU-s per million: client %.2f, Postgres %.2f%n",
        corpus.made(),
        (System.nanoTime() - began) / 1e9,
        backend.size("rows.span") / (million * 1e6),
        (backend.walBytes() - wal) / (million * 1e6),
        (Cpu.ofThisProcess() - client) / million,
        (backend.postgresCpu() - server) / million);
    backend.execute("analyze rows.span");
    queries(traceIds);
  }

  private void queries(List<ByteString> traceIds) throws Exception {
    String known = uuid(traceIds.get(0));
    query("trace by id", "select * from rows.span where trace_id = '" + known + "'");
    String newest = " order by ts desc limit 20";
    query(
        "hot service, > 300 ms, status=500, newest 20",
        "select * from rows.span where service = 'frontend' and duration > 300000000"
            + " and attrs @> '{\"http.response.status_code\": \"500\"}'"
            + newest);
    query(
        "rare service, > 100 ms, newest 20",
        "select * from rows.span where service = 'canary' and duration > 100000000" + newest);
    query(
        "user.id = X, all",
        "select * from rows.span where attrs @> '{\"user.id\": \"u-050997\"}'" + newest);
    query(
        "status=503, any service, newest 20",
        "select * from rows.span where attrs @> '{\"http.response.status_code\": \"503\"}'"
            + newest);
    query(
        "RED per minute and operation, hot service",
        "select date_trunc('minute', ts), name, count(*), avg(duration) from rows.span"
            + " where service = 'frontend' group by 1, 2");
  }

  private void query(String what, String sql) throws Exception {
    try (Connection connection = backend.connect();
        Statement statement = connection.createStatement()) {
      Queries.time(
          what,
          i -> {
            try (ResultSet rows = statement.executeQuery(sql)) {
              int count = 0;
              while (rows.next()) {
                count++;
              }
              return Future.succeededFuture(count);
            } catch (SQLException e) {
              return Future.failedFuture(e);
            }
          });
    }
  }

  private static int append(StringBuilder out, ExportTraceServiceRequest request) {
    int rows = 0;
    for (ResourceSpans resource : request.getResourceSpansList()) {
      String service = resource.getResource().getAttributes(0).getValue().getStringValue();
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          append(out, service, span);
          rows++;
        }
      }
    }
    return rows;
  }

  private static void append(StringBuilder out, String service, Span span) {
    long nanos = span.getStartTimeUnixNano();
    out.append(uuid(span.getTraceId())).append('\t');
    out.append(number(span.getSpanId())).append('\t');
    out.append(span.getParentSpanId().isEmpty() ? "\\N" : number(span.getParentSpanId()));
    out.append('\t').append(java.time.Instant.ofEpochSecond(0, nanos)).append('\t');
    out.append(nanos % 1000).append('\t').append(span.getEndTimeUnixNano() - nanos).append('\t');
    out.append(service).append('\t').append(span.getName()).append('\t');
    out.append(span.getKindValue()).append('\t').append(span.getStatus().getCodeValue());
    out.append('\t').append(json(span.getAttributesList())).append('\t');
    out.append(span.getEventsCount() == 0 ? "\\N" : json(span.getEvents(0).getAttributesList()));
    out.append('\n');
  }

  private static String json(List<KeyValue> attributes) {
    JsonObject json = new JsonObject();
    attributes.forEach(a -> json.put(a.getKey(), AttributeText.of(a.getValue())));
    return json.encode().replace("\\", "\\\\");
  }

  private static long number(ByteString id) {
    return id.asReadOnlyByteBuffer().getLong();
  }

  private static String uuid(ByteString id) {
    return String.format("%016x%016x", number(id), number(id.substring(8)));
  }
}
