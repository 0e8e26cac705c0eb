package dev.tocsin.app.hostile;

import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.hostile.Format;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.Map;

/** Sends requests over HTTP/1.1 and over gRPC, from one event loop, and tells their answers. */
final class HostileSender {
  private static final long TIMEOUT_MS = 60_000;
  private static final Map<Signal, String> SERVICES =
      Map.of(
          Signal.TRACES, "trace.v1.TraceService",
          Signal.METRICS, "metrics.v1.MetricsService",
          Signal.LOGS, "logs.v1.LogsService");

  private final HostileSuite suite;
  private final Context context;
  private final HttpClient http;
  private final HttpClient grpc;

  HostileSender(HostileSuite suite) {
    this.suite = suite;
    context = suite.vertx().getOrCreateContext();
    http = suite.vertx().createHttpClient(new HttpClientOptions());
    grpc =
        suite
            .vertx()
            .createHttpClient(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false));
  }

  /** HTTP's status, or gRPC's as {@code grpc 0}. */
  String send(Signal signal, Format format, byte[] body, boolean overGrpc) {
    Promise<String> answer = Promise.promise();
    context.runOnContext(
        go -> (overGrpc ? call(signal, body) : post(signal, format, body)).onComplete(answer));
    return HostileSuite.await(answer.future());
  }

  private Future<String> post(Signal signal, Format format, byte[] body) {
    return http.request(
            options(suite.http(), "/v1/" + signal.label())
                .putHeader("content-type", format.mediaType()))
        .compose(request -> request.send(Buffer.buffer(body)))
        .compose(response -> response.end().map(end -> Integer.toString(response.statusCode())));
  }

  private Future<String> call(Signal signal, byte[] body) {
    Buffer frame = Buffer.buffer().appendByte((byte) 0).appendInt(body.length).appendBytes(body);
    String method = "/opentelemetry.proto.collector." + SERVICES.get(signal) + "/Export";
    return grpc.request(
            options(suite.grpc(), method)
                .putHeader("content-type", "application/grpc")
                .putHeader("te", "trailers"))
        .compose(request -> request.send(frame))
        .compose(response -> response.end().map(end -> "grpc " + status(response)));
  }

  private static String status(HttpClientResponse response) {
    String early = response.getHeader("grpc-status");
    return early == null ? response.getTrailer("grpc-status") : early;
  }

  private static RequestOptions options(URI to, String path) {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost(to.getHost())
        .setPort(to.getPort())
        .setURI(path)
        .setTimeout(TIMEOUT_MS);
  }
}
