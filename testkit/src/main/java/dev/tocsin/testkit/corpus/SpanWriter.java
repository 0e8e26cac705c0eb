package dev.tocsin.testkit.corpus;

import java.util.SplittableRandom;

/** Writes planned spans as OTLP. Not thread-safe. */
final class SpanWriter {
  private static final int ATTRIBUTES = 9;
  private static final int EVENTS = 11;
  private static final int STATUS_ERROR = 2;
  private static final int HAS_IS_REMOTE = 0x101;
  private static final String[] METHODS = {"GET", "GET", "GET", "POST", "PUT", "DELETE"};

  enum Shape {
    SERVER(2),
    CLIENT(3),
    DATABASE(3),
    INTERNAL(1);

    final int kind;

    Shape(int kind) {
      this.kind = kind;
    }
  }

  /** A span but for its attributes, which follow from the seed. */
  record Planned(
      Shape shape,
      long traceHigh,
      long traceLow,
      long spanId,
      long parentId,
      int service,
      int operation,
      long startNanos,
      long durationNanos,
      boolean error,
      String user,
      String agent,
      long seed) {}

  void write(ProtoWriter out, Planned span) {
    SplittableRandom random = new SplittableRandom(span.seed());
    String method = METHODS[span.operation()];
    String noun = CorpusServices.noun(span.service(), span.operation());
    out.begin(2);
    out.id(1, span.traceHigh(), span.traceLow());
    out.id(2, span.spanId());
    if (span.parentId() != 0) {
      out.id(4, span.parentId());
    }
    out.text(5, name(span, method, noun));
    out.varint(6, span.shape().kind);
    out.fixed64(7, span.startNanos());
    out.fixed64(8, span.startNanos() + span.durationNanos());
    switch (span.shape()) {
      case SERVER -> server(out, span, method, noun, random);
      case CLIENT -> client(out, span, method, noun, random);
      case DATABASE -> database(out, span, noun, random);
      case INTERNAL -> internal(out, span, random);
    }
    if (span.error()) {
      if (random.nextBoolean()) {
        exception(out, span, random);
      }
      out.begin(15);
      out.varint(3, STATUS_ERROR);
      out.end();
    }
    out.fixed32(16, HAS_IS_REMOTE);
    out.end();
  }

  private static String name(Planned span, String method, String noun) {
    return switch (span.shape()) {
      case SERVER -> method + " /api/v1/" + noun + "/{id}";
      case CLIENT -> method;
      case DATABASE -> "SELECT shop." + noun;
      case INTERNAL -> noun + ".process" + span.operation();
    };
  }

  private static long statusCode(Planned span, SplittableRandom random) {
    if (span.error()) {
      return random.nextInt(4) == 0 ? 503 : 500;
    }
    return random.nextInt(30) == 0 ? 404 : 200;
  }

  private static void server(
      ProtoWriter out, Planned span, String method, String noun, SplittableRandom random) {
    out.attribute(ATTRIBUTES, "http.request.method", method);
    out.attribute(ATTRIBUTES, "http.route", "/api/v1/" + noun + "/{id}");
    out.attribute(ATTRIBUTES, "url.path", "/api/v1/" + noun + "/" + random.nextInt(10_000_000));
    out.attribute(ATTRIBUTES, "url.scheme", "https");
    out.attribute(ATTRIBUTES, "http.response.status_code", statusCode(span, random));
    out.attribute(ATTRIBUTES, "server.address", CorpusServices.name(span.service()) + ".shop.svc");
    out.attribute(ATTRIBUTES, "network.protocol.version", "1.1");
    out.attribute(
        ATTRIBUTES, "client.address", "10." + random.nextInt(4) + "." + random.nextInt(250) + ".7");
    out.attribute(ATTRIBUTES, "user_agent.original", span.agent());
    out.attribute(ATTRIBUTES, "user.id", span.user());
  }

  private static void client(
      ProtoWriter out, Planned span, String method, String noun, SplittableRandom random) {
    out.attribute(ATTRIBUTES, "http.request.method", method);
    out.attribute(
        ATTRIBUTES,
        "url.full",
        "http://%s.shop.svc:8080/api/v1/%s/%d?trace=%06x"
            .formatted(
                CorpusServices.name((span.service() + span.operation() + 1) % CorpusServices.COUNT),
                noun,
                random.nextInt(10_000_000),
                random.nextInt(1 << 24)));
    out.attribute(ATTRIBUTES, "http.response.status_code", statusCode(span, random));
    out.attribute(
        ATTRIBUTES,
        "server.address",
        CorpusServices.name((span.service() + span.operation() + 1) % CorpusServices.COUNT)
            + ".shop.svc");
    out.attribute(ATTRIBUTES, "server.port", 8080);
    out.attribute(ATTRIBUTES, "network.protocol.version", "1.1");
    out.attribute(ATTRIBUTES, "http.response.body.size", random.nextInt(20_000));
    out.attribute(ATTRIBUTES, "thread.id", 20 + random.nextInt(64));
  }

  private static void database(
      ProtoWriter out, Planned span, String noun, SplittableRandom random) {
    out.attribute(ATTRIBUTES, "db.system.name", "postgresql");
    out.attribute(ATTRIBUTES, "db.namespace", "shop");
    out.attribute(ATTRIBUTES, "db.operation.name", "SELECT");
    out.attribute(ATTRIBUTES, "db.collection.name", noun);
    out.attribute(
        ATTRIBUTES,
        "db.query.text",
        "SELECT id, name, state, updated_at FROM shop.%s WHERE tenant = %d AND id = %d"
            .formatted(noun, random.nextInt(200), random.nextInt(10_000_000)));
    out.attribute(ATTRIBUTES, "server.address", "pg-" + span.service() % 4 + ".shop.svc");
    out.attribute(ATTRIBUTES, "server.port", 5432);
    out.attribute(ATTRIBUTES, "db.response.returned_rows", random.nextInt(50));
    out.attribute(ATTRIBUTES, "thread.id", 20 + random.nextInt(64));
  }

  private static void internal(ProtoWriter out, Planned span, SplittableRandom random) {
    out.attribute(ATTRIBUTES, "code.function.name", "shop.Worker.process" + span.operation());
    out.attribute(ATTRIBUTES, "thread.name", "worker-" + random.nextInt(32));
    out.attribute(ATTRIBUTES, "thread.id", 20 + random.nextInt(64));
    out.attribute(ATTRIBUTES, "app.batch.size", random.nextInt(100));
    out.attribute(ATTRIBUTES, "app.cache.hit", random.nextInt(4) > 0);
    out.attribute(ATTRIBUTES, "user.id", span.user());
    out.attribute(ATTRIBUTES, "app.order.id", "ord-%08x".formatted(random.nextInt()));
  }

  private static void exception(ProtoWriter out, Planned span, SplittableRandom random) {
    String type =
        "shop.errors." + (span.operation() % 2 == 0 ? "Timeout" : "Conflict") + "Exception";
    StringBuilder stack = new StringBuilder(1600);
    stack.append(type).append(": request ").append(random.nextInt(1_000_000)).append(" failed\n");
    for (int frame = 0; stack.length() < 1400; frame++) {
      stack
          .append("\tat shop.")
          .append(CorpusServices.name((span.service() + frame) % CorpusServices.COUNT));
      stack.append(".Handler").append(span.operation()).append(".step").append(frame);
      stack.append("(Handler.java:").append(40 + frame * 13 + random.nextInt(2)).append(")\n");
    }
    out.begin(EVENTS);
    out.fixed64(1, span.startNanos() + span.durationNanos() / 2);
    out.text(2, "exception");
    out.attribute(3, "exception.type", type);
    out.attribute(3, "exception.message", "request failed");
    out.attribute(3, "exception.stacktrace", stack.toString());
    out.end();
  }
}
