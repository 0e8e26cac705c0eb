package dev.tocsin.storage;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Random telemetry sent to all partitions: traces that stay in one as ingest sends them, and traces
 * and series that are in several, as a Collector without keys does. Deterministic by seed but for
 * its end.
 */
final class ScatteredTelemetry {
  static final int TRACES = 60;
  static final int LOGS = 240;

  /** Log records of the trace that lasted for days. */
  static final int LONG_LOGS = 4;

  private static final long MS = 1_000_000;
  private static final long HOUR = 3_600_000 * MS;
  private static final byte[] LONG_TRACE = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
  private static final String[] SERVICES = {"cart", "checkout", "mail", "payment", "search"};
  private static final String[] WORDS = {"order", "accepted", "refused", "timeout", "card"};

  private final StorageRig rig;
  private final Random random = new Random(7);
  private final int partitions;
  private final long endNanos;
  private final List<String> traceIds = new ArrayList<>();
  private long spans;

  ScatteredTelemetry(StorageRig rig, int partitions, long endNanos) {
    this.rig = rig;
    this.partitions = partitions;
    this.endNanos = endNanos;
  }

  List<String> traceIds() {
    return traceIds;
  }

  long spans() {
    return spans;
  }

  /** The trace that is not among the others: it began two days ago and ended yesterday. */
  String longTraceId() {
    return HexFormat.of().formatHex(LONG_TRACE);
  }

  void send() throws Exception {
    sendLongTrace();
    for (int i = 0; i < TRACES; i++) {
      sendTrace(i);
    }
    for (int i = 0; i < LOGS; i++) {
      sendLog(i);
    }
    Shop shop = new Shop(endNanos / MS);
    for (var request : shop.requests()) {
      rig.send(rig.topics.metrics(), random.nextInt(partitions), request);
    }
    for (int i = 0; i < SERVICES.length; i++) {
      for (int step = 0; step < 10; step++) {
        long at = endNanos - (10 - step) * 30_000L * MS;
        rig.send(
            rig.topics.derived(),
            i % partitions,
            Otlp.calls(SERVICES[i], step % 3 == 0 ? "error" : "ok", at, random.nextInt(50)));
      }
    }
  }

  private void sendLongTrace() throws Exception {
    ByteString traceId = ByteString.copyFrom(LONG_TRACE);
    long begun = endNanos - 49 * HOUR;
    ByteString parent = ByteString.EMPTY;
    for (int i = 0; i < 2; i++) {
      Span span = span(traceId, parent, begun + i * 20L * HOUR, Span.SpanKind.SPAN_KIND_SERVER);
      parent = span.getSpanId();
      rig.send(rig.topics.spans(), i * (partitions - 1), Otlp.spans("batch", List.of(span)));
      spans++;
    }
    for (int i = 0; i < LONG_LOGS; i++) {
      LogRecord log = Otlp.log("step " + i, begun + i * 6L * HOUR).setTraceId(traceId).build();
      rig.send(rig.topics.logs(), i % partitions, Otlp.logs("batch", List.of(log)));
    }
  }

  private String service() {
    return SERVICES[random.nextInt(SERVICES.length)];
  }

  /** Every third trace is in several partitions. */
  private void sendTrace(int number) throws Exception {
    boolean scattered = number % 3 == 0;
    byte[] idBytes = new byte[16];
    random.nextBytes(idBytes);
    ByteString traceId = ByteString.copyFrom(idBytes);
    traceIds.add(HexFormat.of().formatHex(idBytes));
    int home = random.nextInt(partitions);
    long start = endNanos - (1 + random.nextInt(1_200_000)) * MS;
    ByteString parent = ByteString.EMPTY;
    int count = 1 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      boolean client = !scattered && i % 2 == 0;
      Span span =
          span(
              traceId,
              parent,
              start + i * 3L * MS,
              client ? Span.SpanKind.SPAN_KIND_CLIENT : Span.SpanKind.SPAN_KIND_SERVER);
      parent = span.getSpanId();
      ExportTraceServiceRequest request = Otlp.spans(service(), List.of(span));
      rig.send(rig.topics.spans(), scattered ? random.nextInt(partitions) : home, request);
      spans++;
    }
  }

  private Span span(ByteString traceId, ByteString parent, long start, Span.SpanKind kind) {
    byte[] id = new byte[8];
    random.nextBytes(id);
    boolean failed = random.nextInt(4) == 0;
    Span.Builder span =
        Otlp.span(traceId, "GET /" + random.nextInt(4), start)
            .setSpanId(ByteString.copyFrom(id))
            .setParentSpanId(parent)
            .setKind(kind)
            .setEndTimeUnixNano(start + (1 + random.nextInt(900)) * MS)
            .addAttributes(Otlp.text("user.id", "u" + random.nextInt(5)));
    if (failed) {
      span.setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR))
          .addEvents(
              Span.Event.newBuilder()
                  .setName("exception")
                  .setTimeUnixNano(start + MS)
                  .addAttributes(Otlp.text("exception.type", "Refused" + random.nextInt(3)))
                  .addAttributes(Otlp.text("exception.message", "no")));
    }
    return span.build();
  }

  /** Records of one time are in different partitions, so that their order is told. */
  private void sendLog(int number) throws Exception {
    long at = endNanos - (1 + number / partitions) * 4_000L * MS;
    LogRecord.Builder log =
        Otlp.log(WORDS[random.nextInt(WORDS.length)] + " " + random.nextInt(20), at)
            .setSeverityNumber(SeverityNumber.forNumber(1 + random.nextInt(20)))
            .addAttributes(Otlp.text("user.id", "u" + random.nextInt(5)));
    if (random.nextInt(3) == 0) {
      String traceId = traceIds.get(random.nextInt(traceIds.size()));
      log.setTraceId(ByteString.copyFrom(HexFormat.of().parseHex(traceId)));
    }
    // One of a time: which of several is the newest is not told.
    if (number % partitions == 0 && random.nextInt(2) == 0) {
      log.addAttributes(Otlp.text("exception.type", "Refused" + random.nextInt(3)))
          .addAttributes(Otlp.text("exception.message", "no"));
    }
    rig.send(rig.topics.logs(), number % partitions, Otlp.logs(service(), List.of(log.build())));
  }
}
