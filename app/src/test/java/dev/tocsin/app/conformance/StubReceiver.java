package dev.tocsin.app.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedInputStream;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/** A small receiver of traces on one port for gRPC and HTTP, right but for one defect. */
final class StubReceiver implements AutoCloseable {
  static final int LIMIT_BYTES = 1 << 20;
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";

  private final Vertx vertx = Vertx.vertx();
  private final Defect defect;
  private final HttpServer server;

  StubReceiver(Defect defect) throws Exception {
    this.defect = defect;
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHandle100ContinueAutomatically(true))
            .requestHandler(request -> request.body().onSuccess(body -> handle(request, body)))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
  }

  String address() {
    return "127.0.0.1:" + server.actualPort();
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** What is wrong with a request. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    final int http;
    final int grpc;

    Refusal(int http, int grpc, String message) {
      super(message);
      this.http = http;
      this.grpc = grpc;
    }
  }

  private void handle(HttpServerRequest request, Buffer body) {
    String type = String.valueOf(request.getHeader("content-type"));
    if (type.startsWith("application/grpc")) {
      grpc(request, body);
      return;
    }
    String mediaType = type.split(";")[0].strip().toLowerCase(java.util.Locale.ROOT);
    boolean json = mediaType.equals(JSON);
    try {
      if (!json && !mediaType.equals(PROTOBUF)) {
        throw new Refusal(415, 12, "no such type");
      }
      if (!request.path().equals("/v1/traces")) {
        throw new Refusal(404, 12, "no such path");
      }
      if (!request.method().name().equals("POST")) {
        throw new Refusal(405, 12, "no such method");
      }
      byte[] plain = plain(request.getHeader("content-encoding"), body.getBytes());
      accepted(request.response(), json, json ? jsonRejected(plain) : rejected(plain));
    } catch (Refusal refusal) {
      refused(request.response(), json, refusal);
    }
  }

  private void accepted(HttpServerResponse response, boolean json, int rejected) {
    boolean asJson = json || defect == Defect.JSON_ANSWER_TO_PROTOBUF;
    response.putHeader("content-type", asJson ? JSON : PROTOBUF);
    if (asJson) {
      JsonObject partial = new JsonObject();
      if (rejected > 0) {
        partial.put("rejectedSpans", "" + rejected).put("errorMessage", "bad ids");
      }
      boolean told = rejected > 0 || defect == Defect.PARTIAL_SUCCESS_FOR_FULL_SUCCESS;
      JsonObject answer = told ? new JsonObject().put("partialSuccess", partial) : new JsonObject();
      response.end(answer.encode());
    } else {
      response.end(Buffer.buffer(response(rejected)));
    }
  }

  private byte[] response(int rejected) {
    var response = ExportTraceServiceResponse.newBuilder();
    if (rejected > 0) {
      response.setPartialSuccess(
          ExportTracePartialSuccess.newBuilder()
              .setRejectedSpans(rejected)
              .setErrorMessage("bad ids"));
    } else if (defect == Defect.PARTIAL_SUCCESS_FOR_FULL_SUCCESS) {
      response.setPartialSuccess(ExportTracePartialSuccess.getDefaultInstance());
    }
    return response.build().toByteArray();
  }

  private void refused(HttpServerResponse response, boolean json, Refusal refusal) {
    if (refusal.getMessage().equals("no such encoding")
        && defect == Defect.SILENCE_FOR_UNKNOWN_ENCODING) {
      return;
    }
    if (refusal.getMessage().equals("no such type") && defect == Defect.PLAIN_TEXT_415) {
      response.setStatusCode(415).putHeader("content-type", "text/plain").end("no such type");
      return;
    }
    boolean broken = refusal.http == 400 && defect == Defect.SERVER_ERROR_FOR_BAD_DATA;
    response.setStatusCode(broken ? 500 : refusal.http);
    response.putHeader("allow", "POST").putHeader("content-type", json ? JSON : PROTOBUF);
    response.end(
        json
            ? Buffer.buffer(
                new JsonObject()
                    .put("code", refusal.grpc)
                    .put("message", refusal.getMessage())
                    .put(
                        "details",
                        new JsonArray()
                            .add(new JsonObject().put("@type", "x/google.rpc.BadRequest")))
                    .encode())
            : Buffer.buffer(status(refusal, "BadRequest")));
  }

  /** A google.rpc.Status by hand: code, message, one detail. */
  private static byte[] status(Refusal refusal, String detail) {
    byte[] message = refusal.getMessage().getBytes(UTF_8);
    byte[] url = ("x/google.rpc." + detail).getBytes(UTF_8);
    return Buffer.buffer()
        .appendByte((byte) 0x08)
        .appendByte((byte) refusal.grpc)
        .appendByte((byte) 0x12)
        .appendByte((byte) message.length)
        .appendBytes(message)
        .appendByte((byte) 0x1a)
        .appendByte((byte) (url.length + 2))
        .appendByte((byte) 0x0a)
        .appendByte((byte) url.length)
        .appendBytes(url)
        .getBytes();
  }

  private void grpc(HttpServerRequest request, Buffer frames) {
    HttpServerResponse response = request.response();
    response.putHeader("content-type", "application/grpc");
    try {
      if (!request.path().endsWith("trace.v1.TraceService/Export")) {
        throw new Refusal(0, 12, "no such method");
      }
      if (frames.length() < 5 || frames.getInt(1) != frames.length() - 5) {
        throw new Refusal(0, 3, "no message");
      }
      int flag = frames.getByte(0);
      String encoding = request.getHeader("grpc-encoding");
      if (flag > 1 || (flag == 1 && encoding == null)) {
        throw new Refusal(0, 3, "no such flag");
      }
      byte[] message = frames.getBytes(5, frames.length());
      byte[] answer = response(rejected(plain(flag == 1 ? encoding : null, message)));
      response.putTrailer("grpc-status", "0");
      Buffer frame = Buffer.buffer().appendByte((byte) 0).appendInt(answer.length);
      response.end(frame.appendBytes(answer));
    } catch (Refusal refusal) {
      boolean retry = refusal.grpc == 8 && defect == Defect.RETRY_INFO_FOR_TOO_LARGE;
      byte[] status = status(refusal, retry ? "RetryInfo" : "BadRequest");
      response
          .putHeader("grpc-status", "" + refusal.grpc)
          .putHeader("grpc-accept-encoding", "gzip")
          .putHeader("grpc-status-details-bin", Base64.getEncoder().encodeToString(status))
          .end();
    }
  }

  private byte[] plain(String encoding, byte[] bytes) throws Refusal {
    if (bytes.length > LIMIT_BYTES) {
      throw new Refusal(413, 8, "too large");
    }
    if (encoding == null || encoding.equals("identity")) {
      return bytes;
    }
    if (!encoding.equals("gzip")) {
      throw new Refusal(415, 12, "no such encoding");
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      boolean limited = defect != Defect.NO_LIMIT_AFTER_INFLATION;
      byte[] plain = in.readNBytes(limited ? LIMIT_BYTES + 1 : Integer.MAX_VALUE);
      if (limited && plain.length > LIMIT_BYTES) {
        throw new Refusal(413, 8, "too large");
      }
      return plain;
    } catch (IOException e) {
      throw new Refusal(400, 3, "no gzip");
    }
  }

  private int rejected(byte[] bytes) throws Refusal {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      var request = ExportTraceServiceRequest.parseFrom(in);
      if (defect == Defect.UNKNOWN_FIELDS_REFUSED && request.toString().contains("5001:")) {
        throw new Refusal(400, 3, "unknown field");
      }
      long bad =
          request.getResourceSpansList().stream()
              .flatMap(resource -> resource.getScopeSpansList().stream())
              .flatMap(scope -> scope.getSpansList().stream())
              .filter(
                  span ->
                      !valid(span.getTraceId().toByteArray(), 16)
                          || !valid(span.getSpanId().toByteArray(), 8))
              .count();
      return count((int) bad);
    } catch (IOException e) {
      throw new Refusal(400, 3, "no protobuf");
    }
  }

  private static boolean valid(byte[] id, int length) {
    int or = 0;
    for (byte b : id) {
      or |= b;
    }
    return id.length == length && or != 0;
  }

  private int jsonRejected(byte[] bytes) throws Refusal {
    try {
      int bad = 0;
      JsonObject request = new JsonObject(new String(bytes, UTF_8));
      for (Object resource : request.getJsonArray("resourceSpans", new JsonArray())) {
        for (Object scope : items(resource, "scopeSpans")) {
          for (Object span : items(scope, "spans")) {
            JsonObject fields = (JsonObject) span;
            boolean good =
                hex(fields.getString("traceId", ""), 32) && hex(fields.getString("spanId", ""), 16);
            bad += good ? 0 : 1;
          }
        }
      }
      return count(bad);
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new Refusal(400, 3, "no JSON");
    }
  }

  private static JsonArray items(Object parent, String name) {
    return ((JsonObject) parent).getJsonArray(name, new JsonArray());
  }

  private static boolean hex(String id, int length) {
    return id.matches("[0-9a-fA-F]{" + length + "}") && !id.matches("0*");
  }

  private int count(int bad) {
    return bad > 0 && defect == Defect.WRONG_COUNT_OF_REJECTED ? bad + 1 : bad;
  }
}
