package dev.tocsin.app.demo;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Operations of the usual kinds, named and attributed after OpenTelemetry's semantic conventions
 * (HTTP and database stable, messaging in development), with durations drawn around a median.
 */
final class Calls {
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final double SPREAD = 0.35;
  private static final double NETWORK_MEDIAN_MS = 0.3;

  private final RandomGenerator random;

  Calls(RandomGenerator random) {
    this.random = random;
  }

  /** What a service answered to a request. */
  record Reply(Operation operation, int status) {
    boolean failed() {
      return status >= 400;
    }
  }

  /** Log-normal around the median, as durations of healthy services are. */
  long around(double medianMs) {
    return (long) (medianMs * 1e6 * Math.exp(SPREAD * random.nextGaussian()));
  }

  /** An HTTP server's span, to be ended by {@link #reply}. */
  Operation.Builder server(
      ShopService service, String method, String route, String path, double workMs) {
    return Operation.of(service, SpanKind.SERVER, method + " " + route)
        .with("http.request.method", method)
        .with("http.route", route)
        .with("url.path", path)
        .with("url.scheme", "http")
        .with("server.address", service.host())
        .with("server.port", service.port())
        .with("network.protocol.version", "1.1")
        .takes(around(workMs * 0.6), around(workMs * 0.4));
  }

  /** A server error (5xx) makes the server's span an error; a client error does not. */
  Reply reply(Operation.Builder server, int status, Optional<Failure> cause) {
    server.with("http.response.status_code", status);
    if (status >= 500) {
      server.fails(cause.orElseGet(() -> Failure.status(status)));
    }
    return new Reply(server.build(), status);
  }

  Reply reply(Operation.Builder server, int status) {
    return reply(server, status, Optional.empty());
  }

  /** The client's span around a request to another service. */
  Operation request(ShopService from, String method, Reply reply) {
    ShopService to = reply.operation().service();
    String path = String.valueOf(reply.operation().attributes().get(PATH));
    Operation.Builder client =
        client(from, method, "http://" + to.host() + ":" + to.port() + path, to.host(), to.port())
            .with("http.response.status_code", reply.status())
            .takes(around(NETWORK_MEDIAN_MS), around(NETWORK_MEDIAN_MS))
            .step(reply.operation());
    if (reply.failed()) {
      client.fails(Failure.status(reply.status()));
    }
    return client.build();
  }

  /** A client's span without an end, for a server that is not part of the shop. */
  Operation.Builder client(ShopService from, String method, String url, String host, int port) {
    return Operation.of(from, SpanKind.CLIENT, method)
        .with("http.request.method", method)
        .with("url.full", url)
        .with("server.address", host)
        .with("server.port", port)
        .with("network.protocol.version", "1.1");
  }

  /** A statement sent to the service's PostgreSQL. */
  Operation.Builder sql(ShopService service, String table, String statement, double medianMs) {
    String operation = statement.substring(0, statement.indexOf(' ')).toUpperCase(Locale.ROOT);
    return Operation.of(service, SpanKind.CLIENT, operation + " " + table)
        .with("db.system.name", "postgresql")
        .with("db.namespace", service.serviceName())
        .with("db.collection.name", table)
        .with("db.operation.name", operation)
        .with("db.query.summary", operation + " " + table)
        .with("db.query.text", statement)
        .with("server.address", "postgres.shop.internal")
        .with("server.port", 5432)
        .takes(around(medianMs), 0);
  }

  /** A command sent to the carts' Redis. */
  Operation redis(ShopService service, String command, String arguments, double medianMs) {
    return Operation.of(service, SpanKind.CLIENT, command)
        .with("db.system.name", "redis")
        .with("db.namespace", "0")
        .with("db.operation.name", command)
        .with("db.query.text", command + " " + arguments)
        .with("server.address", "redis.shop.internal")
        .with("server.port", 6379)
        .takes(around(medianMs), 0)
        .build();
  }

  /** Sends one message to a Kafka topic. */
  Operation.Builder send(ShopService service, String topic, String messageId) {
    return messaging(service, SpanKind.PRODUCER, "send", topic)
        .with("messaging.message.id", messageId)
        .takes(around(2.5), 0);
  }

  /** Handles what came from a Kafka topic. */
  Operation.Builder process(ShopService service, String topic, double workMs) {
    return messaging(service, SpanKind.CONSUMER, "process", topic)
        .with("messaging.consumer.group.name", service.serviceName())
        .takes(around(workMs * 0.5), around(workMs * 0.5));
  }

  private static Operation.Builder messaging(
      ShopService service, SpanKind kind, String operation, String topic) {
    return Operation.of(service, kind, operation + " " + topic)
        .with("messaging.system", "kafka")
        .with("messaging.destination.name", topic)
        .with("messaging.operation.type", operation)
        .with("messaging.operation.name", operation)
        .with("server.address", "kafka.shop.internal")
        .with("server.port", 9092);
  }
}
