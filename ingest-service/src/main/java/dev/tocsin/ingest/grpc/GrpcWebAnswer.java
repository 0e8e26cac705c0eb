package dev.tocsin.ingest.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.ports.ExportResult;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.receive.ExportResponse;
import dev.tocsin.ingest.receive.RetryDelay;
import dev.tocsin.ingest.receive.RpcStatus;
import dev.tocsin.ingest.receive.UnreadBody;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Base64;

/**
 * The answer to a gRPC-Web call: the message's frame and one of trailers, which scripts in browsers
 * could not read as HTTP trailers.
 */
final class GrpcWebAnswer implements GrpcResponse {
  private static final int TRAILERS_FLAG = 0x80;

  private final Vertx vertx;
  private final long unreadTimeoutMs;
  private final HttpServerRequest request;
  private final GrpcForm form;
  private final RetryDelay retryDelay;

  /**
   * @param unreadTimeoutMs how long the rest of a refused body may still come
   */
  GrpcWebAnswer(
      Vertx vertx,
      long unreadTimeoutMs,
      HttpServerRequest request,
      GrpcForm form,
      RetryDelay retryDelay) {
    this.vertx = vertx;
    this.unreadTimeoutMs = unreadTimeoutMs;
    this.request = request;
    this.form = form;
    this.retryDelay = retryDelay;
  }

  @Override
  public void accepted(ExportResult result) {
    Buffer message = GrpcResponse.frame(0, ExportResponse.protobuf(result));
    end(message.appendBuffer(trailers("grpc-status: 0\r\n")));
  }

  @Override
  public void refused(RefusedException refusal) {
    byte[] status = RpcStatus.protobuf(refusal, retryDelay.nextMs(refusal));
    end(
        trailers(
            "grpc-status: "
                + refusal.reason().grpcCode()
                + "\r\ngrpc-message: "
                + GrpcCodes.message(refusal.getMessage())
                + "\r\ngrpc-status-details-bin: "
                + Base64.getEncoder().withoutPadding().encodeToString(status)
                + "\r\n"));
    UnreadBody.drain(vertx, request, unreadTimeoutMs);
  }

  private static Buffer trailers(String lines) {
    return GrpcResponse.frame(TRAILERS_FLAG, lines.getBytes(US_ASCII));
  }

  private void end(Buffer frames) {
    Buffer body =
        form == GrpcForm.WEB_TEXT
            ? Buffer.buffer(Base64.getEncoder().encode(frames.getBytes()))
            : frames;
    request
        .response()
        .putHeader("content-type", form.mediaType() + "+proto")
        .putHeader("grpc-accept-encoding", ContentEncoding.ACCEPTED)
        .end(body)
        .onFailure(GrpcAnswer::clientGone);
  }
}
