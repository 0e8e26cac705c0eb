package dev.tocsin.ingest.grpc;

import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.ports.ExportResult;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.receive.ExportResponse;
import dev.tocsin.ingest.receive.RetryDelay;
import dev.tocsin.ingest.receive.RpcStatus;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answer to a unary call: a message and trailers, or trailers only. */
final class GrpcAnswer implements GrpcResponse {
  private static final Logger log = LoggerFactory.getLogger(GrpcAnswer.class);
  private static final long NO_ERROR = 0;

  private final HttpServerRequest request;
  private final RetryDelay retryDelay;

  GrpcAnswer(HttpServerRequest request, RetryDelay retryDelay) {
    this.request = request;
    this.retryDelay = retryDelay;
  }

  @Override
  public void accepted(ExportResult result) {
    byte[] message = ExportResponse.protobuf(result);
    HttpServerResponse response = begin();
    response
        .putTrailer("grpc-status", "0")
        .end(GrpcResponse.frame(0, message))
        .onFailure(GrpcAnswer::clientGone);
  }

  @Override
  public void refused(RefusedException refusal) {
    byte[] status = RpcStatus.protobuf(refusal, retryDelay.nextMs(refusal));
    begin()
        .putHeader("grpc-status", Integer.toString(refusal.reason().grpcCode()))
        .putHeader("grpc-message", GrpcCodes.message(refusal.getMessage()))
        .putHeader(
            "grpc-status-details-bin", Base64.getEncoder().withoutPadding().encodeToString(status))
        .end()
        .onSuccess(ended -> stopUpload())
        .onFailure(GrpcAnswer::clientGone);
  }

  private HttpServerResponse begin() {
    return request
        .response()
        .putHeader("content-type", "application/grpc")
        .putHeader("grpc-accept-encoding", ContentEncoding.ACCEPTED);
  }

  /** As gRPC servers do: an answer before the end of the call tells the client not to go on. */
  private void stopUpload() {
    if (!request.isEnded()) {
      request.response().reset(NO_ERROR).onFailure(GrpcAnswer::clientGone);
    }
  }

  static void clientGone(Throwable failure) {
    log.debug("an answer had no reader: {}", failure.toString());
  }
}
