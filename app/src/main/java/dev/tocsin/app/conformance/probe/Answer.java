package dev.tocsin.app.conformance.probe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.MultiMap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** An HTTP answer, whole. */
public final class Answer implements Reply {
  private static final int SHOWN_MAX = 160;
  private static final int NO_STATUS = -1;
  private static final int GRPC_PREFIX_BYTES = 5;

  /** Twice what OTLP recommends as the most that a response may have. */
  private static final int INFLATED_BYTES_MAX = 8 << 20;

  private final int status;
  private final MultiMap headers;
  private final byte[] body;
  private final MultiMap trailers;

  /**
   * @param headers by name, in any case
   * @param body not to be changed
   * @param trailers of HTTP/2
   */
  Answer(int status, MultiMap headers, byte[] body, MultiMap trailers) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.trailers = trailers;
  }

  public int status() {
    return status;
  }

  /** Not to be changed. */
  public byte[] body() {
    return body;
  }

  public MultiMap trailers() {
    return trailers;
  }

  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /** The media type in lower case without parameters; empty when there is none. */
  public String mediaType() {
    String type = headers.get("content-type");
    if (type == null) {
      return "";
    }
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /** The code of a gRPC call, from trailers or, when there is no message, headers; -1 if none. */
  public int grpcStatus() {
    String code =
        trailers.contains("grpc-status") ? trailers.get("grpc-status") : header("grpc-status");
    try {
      return code == null ? NO_STATUS : Integer.parseInt(code.strip());
    } catch (NumberFormatException e) {
      return NO_STATUS;
    }
  }

  /** The one message of a unary gRPC answer; empty when there is not exactly one. */
  public Optional<byte[]> grpcMessage() {
    if (body.length < GRPC_PREFIX_BYTES || body[0] < 0 || body[0] > 1) {
      return Optional.empty();
    }
    int length = ByteBuffer.wrap(body).getInt(1);
    if (length != body.length - GRPC_PREFIX_BYTES) {
      return Optional.empty();
    }
    byte[] message = Arrays.copyOfRange(body, GRPC_PREFIX_BYTES, body.length);
    return body[0] == 0 ? Optional.of(message) : inflated(header("grpc-encoding"), message);
  }

  /** {@code grpc-status-details-bin}, decoded; empty when there is none or it is damaged. */
  public Optional<byte[]> grpcDetails() {
    String name = "grpc-status-details-bin";
    String text = trailers.contains(name) ? trailers.get(name) : header(name);
    try {
      return Optional.ofNullable(text).map(t -> Base64.getDecoder().decode(t.strip()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The body with its Content-Encoding (none or gzip) undone. */
  public Optional<byte[]> plainBody() {
    String encoding = headers.get("content-encoding");
    return encoding == null ? Optional.of(body) : inflated(encoding, body);
  }

  private static Optional<byte[]> inflated(@Nullable String encoding, byte[] bytes) {
    if ("identity".equals(encoding)) {
      return Optional.of(bytes);
    }
    if (!"gzip".equals(encoding)) {
      return Optional.empty();
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return Optional.of(in.readNBytes(INFLATED_BYTES_MAX));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public String describe() {
    StringBuilder text = new StringBuilder("HTTP ").append(status);
    String type = header("content-type");
    text.append(type == null ? ", no content-type" : ", content-type: " + type);
    if (headers.contains("content-encoding")) {
      text.append(", content-encoding: ").append(header("content-encoding"));
    }
    if (grpcStatus() != NO_STATUS) {
      text.append(", grpc-status: ").append(GrpcCode.name(grpcStatus()));
      String message =
          trailers.contains("grpc-message") ? trailers.get("grpc-message") : header("grpc-message");
      if (message != null) {
        text.append(", grpc-message: ").append(decoded(message));
      }
    }
    text.append(body.length == 0 ? "; no body" : "; " + body.length + " bytes: ");
    return text.append(Body.show(body, SHOWN_MAX)).toString();
  }

  private static String decoded(String message) {
    try {
      String text = URLDecoder.decode(message.replace("+", "%2B"), UTF_8);
      return text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
    } catch (IllegalArgumentException e) {
      return message;
    }
  }
}
