package dev.tocsin.app.conformance.probe;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The receiver under test.
 *
 * @param grpc where it takes OTLP/gRPC; null when it is not to be tried
 * @param http where it takes OTLP/HTTP; null when it is not to be tried
 * @param headers sent with every request; their values are secrets and never printed
 * @param ca certificates (PEM) to trust instead of the system's
 * @param insecure trusts any certificate
 * @param timeoutMs how long an ordinary request waits for its answer
 */
public record Target(
    @Nullable ServerAddress grpc,
    @Nullable ServerAddress http,
    List<Header> headers,
    @Nullable Path ca,
    boolean insecure,
    long timeoutMs) {
  public Target {
    headers = List.copyOf(headers);
  }

  /** The address for the endpoint, or null. */
  public @Nullable ServerAddress origin(ReceiverKind endpoint) {
    return endpoint == ReceiverKind.GRPC ? grpc : http;
  }
}
