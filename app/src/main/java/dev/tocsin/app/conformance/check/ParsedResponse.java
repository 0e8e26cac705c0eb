package dev.tocsin.app.conformance.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.tocsin.app.conformance.probe.Answer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * An Export…ServiceResponse.
 *
 * @param partialSuccess whether the field is there at all, even if it says nothing
 */
public record ParsedResponse(boolean partialSuccess, long rejected, String message) {
  private static final ParsedResponse FULL = new ParsedResponse(false, 0, "");

  /** Empty when the answer's body is none; read as its own Content-Type says. */
  public static Optional<ParsedResponse> of(SignalLane lane, Answer answer) {
    if (lane.wire() == Transport.GRPC) {
      return answer.grpcMessage().flatMap(ParsedResponse::protobuf);
    }
    return answer.mediaType().equals(Transport.JSON.mediaType())
        ? answer.plainBody().flatMap(body -> json(lane.signal(), body))
        : answer.plainBody().flatMap(ParsedResponse::protobuf);
  }

  private static Optional<ParsedResponse> protobuf(byte[] bytes) {
    try {
      List<ByteString> partial =
          UnknownFieldSet.parseFrom(bytes).getField(1).getLengthDelimitedList();
      if (partial.isEmpty()) {
        return Optional.of(FULL);
      }
      UnknownFieldSet fields = UnknownFieldSet.parseFrom(partial.get(partial.size() - 1));
      List<Long> rejected = fields.getField(1).getVarintList();
      List<ByteString> message = fields.getField(2).getLengthDelimitedList();
      return Optional.of(
          new ParsedResponse(
              true,
              rejected.isEmpty() ? 0 : rejected.get(0),
              message.isEmpty() ? "" : message.get(0).toStringUtf8()));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static Optional<ParsedResponse> json(Telemetry signal, byte[] bytes) {
    try {
      JsonObject object = new JsonObject(new String(bytes, StandardCharsets.UTF_8));
      JsonObject partial = object.getJsonObject("partialSuccess");
      if (partial == null) {
        return Optional.of(FULL);
      }
      long rejected = Long.parseLong(String.valueOf(partial.getValue(signal.rejectedField(), 0)));
      return Optional.of(new ParsedResponse(true, rejected, partial.getString("errorMessage", "")));
    } catch (DecodeException | ClassCastException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
