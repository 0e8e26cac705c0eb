package dev.tocsin.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.google.protobuf.Descriptors.Descriptor;
import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.json.MessageShape.Field;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.otlp.wire.Utf8;
import dev.tocsin.otlp.wire.Warning;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns an OTLP/JSON request into the protobuf request it stands for, token by token. It takes what
 * the OTLP specification demands (hex ids, base64 for other bytes, 64-bit integers as text or
 * number, enum numbers, lowerCamelCase, unknown fields ignored) and, as protobuf's own JSON does,
 * {@code null} for absent and, with a warning, enum names and snake_case. Immutable, thread-safe.
 */
public final class JsonTranscoder {
  /** Of nested messages; protobuf parsers give up at 100, and no reader should meet more. */
  private static final int MESSAGE_DEPTH_MAX = 90;

  /** Each message may be an object in an array; what is ignored may be nested too. */
  private static final int JSON_DEPTH_MAX = 2 * MESSAGE_DEPTH_MAX + 20;

  /** The request, its resources and scopes, in which older and other requests differ. */
  private static final int DEPTH_AROUND_ITEMS = 3;

  private static final int SHOWN_CHARS_MAX = 60;

  private final Map<Signal, MessageShape> roots = new EnumMap<>(Signal.class);
  private final JsonFactory factory;
  private final int bytesMax;

  /**
   * @param bytesMax of the protobuf request
   */
  public JsonTranscoder(int bytesMax) {
    this.bytesMax = bytesMax;
    this.factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(JSON_DEPTH_MAX)
                    .maxStringLength(bytesMax)
                    .maxNameLength(1_000)
                    .maxNumberLength(100)
                    .build())
            .build();
    for (Signal signal : Signal.values()) {
      roots.put(signal, MessageShape.of(descriptor(signal)));
    }
  }

  private static Descriptor descriptor(Signal signal) {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.getDescriptor();
      case METRICS -> ExportMetricsServiceRequest.getDescriptor();
      case LOGS -> ExportLogsServiceRequest.getDescriptor();
      case PROFILES -> ExportProfilesServiceRequest.getDescriptor();
    };
  }

  /**
   * @throws RefusedException when the body is no JSON, does not fit the message, or is too large
   */
  public Transcoded transcode(Signal signal, byte[] json, Allowance allowance) {
    try {
      return transcode(signal, json, allowance, false);
    } catch (RefusedException refusal) {
      if (refusal.reason() != Reason.MALFORMED) {
        throw refusal;
      }
      // A text of it may be no UTF-8: that costs a second look, and only who sends such pays it.
      if (Utf8.isValid(json)) {
        throw refusal;
      }
      return transcode(signal, repaired(json, allowance), allowance, true);
    }
  }

  private static byte[] repaired(byte[] json, Allowance allowance) {
    long length = Utf8.repairedLength(json);
    if (length > Integer.MAX_VALUE / 2) {
      throw new RefusedException(
          Reason.TOO_LARGE, "body: " + length + " bytes with U+FFFD for what is no UTF-8");
    }
    if (!allowance.grow(length)) {
      throw new RefusedException(
          Reason.OVER_BUDGET, "too many bytes in flight to repair a body; try again later");
    }
    return Utf8.repaired(json, (int) length);
  }

  /**
   * @param repaired whether bytes that were no UTF-8 have been replaced
   */
  private Transcoded transcode(Signal signal, byte[] json, Allowance allowance, boolean repaired) {
    MessageShape root = java.util.Objects.requireNonNull(roots.get(signal));
    try (JsonParser parser = factory.createParser(json)) {
      ProtobufWriter out = new ProtobufWriter(bytesMax, allowance, repaired);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw mismatch(parser, "body", "a JSON object");
      }
      writeFields(parser, root, out, 1);
      if (parser.nextToken() != null) {
        throw mismatch(parser, "body", "nothing after the JSON object");
      }
      return new Transcoded(out.toBytes(), out.warnings(), out.repairedTexts(), out.unknownField());
    } catch (JsonProcessingException e) {
      throw new RefusedException(
          Reason.MALFORMED, "body: " + e.getOriginalMessage() + at(e.getLocation()));
    } catch (IOException e) {
      throw new RefusedException(Reason.MALFORMED, "body: " + e.getMessage());
    }
  }

  /** The parser stands on the opening brace, and afterwards on the closing one. */
  private void writeFields(JsonParser parser, MessageShape shape, ProtobufWriter out, int depth)
      throws IOException {
    if (depth > MESSAGE_DEPTH_MAX) {
      throw mismatch(parser, "body", "at most " + MESSAGE_DEPTH_MAX + " nested messages");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Field field = field(parser.currentName(), shape, out);
      if (field == null && depth <= DEPTH_AROUND_ITEMS) {
        out.noteUnknownField(parser.currentName());
      }
      JsonToken value = parser.nextToken();
      if (field == null || value == JsonToken.VALUE_NULL) {
        parser.skipChildren();
      } else if (field.repeated()) {
        writeRepeated(parser, field, out, depth);
      } else {
        writeOne(parser, field, out, depth);
      }
    }
  }

  private static @Nullable Field field(String name, MessageShape shape, ProtobufWriter out) {
    Field field = shape.field(name);
    if (field == null) {
      field = shape.snakeCaseField(name);
      if (field != null) {
        out.warn(Warning.SNAKE_CASE, "");
      }
    }
    return field;
  }

  private void writeRepeated(JsonParser parser, Field field, ProtobufWriter out, int depth)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw mismatch(parser, field.name(), "an array");
    }
    if (!field.packed()) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        writeOne(parser, field, out, depth);
      }
      return;
    }
    out.tag(field.number(), 2);
    int mark = out.begin();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      writeNumber(parser, field, out);
    }
    out.end(mark);
  }

  private void writeOne(JsonParser parser, Field field, ProtobufWriter out, int depth)
      throws IOException {
    if (field.message() != null) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw mismatch(parser, field.name(), "an object");
      }
      out.tag(field.number(), 2);
      int mark = out.begin();
      writeFields(parser, field.message(), out, depth + 1);
      out.end(mark);
    } else if (field.wireType() == 2) {
      String text = text(parser, field);
      out.tag(field.number(), 2);
      out.lengthDelimited(bytes(parser, field, text, out));
    } else if (isUnknownEnumName(parser, field)) {
      out.warn(Warning.UNKNOWN_ENUM, field.name() + " '" + cut(parser.getText()) + "'");
    } else {
      out.tag(field.number(), field.wireType());
      writeNumber(parser, field, out);
    }
  }

  private static String cut(String text) {
    return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "...";
  }

  private static byte[] bytes(JsonParser parser, Field field, String text, ProtobufWriter out) {
    return switch (field.type()) {
      case STRING -> out.utf8(field.name(), text);
      default -> {
        try {
          boolean hex = field.hex() || isHexProfileId(field, text);
          yield hex ? JsonValues.hex(text) : JsonValues.base64(text);
        } catch (IllegalArgumentException e) {
          throw mismatch(parser, field.name(), field.hex() ? "hex digits in pairs" : "base64");
        }
      }
    };
  }

  /** OTLP says base64, Collectors write hex; 16 bytes are 32 digits in hex only. */
  private static boolean isHexProfileId(Field field, String text) {
    return field.name().equals("profileId") && text.length() == 32;
  }

  private static String text(JsonParser parser, Field field) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw mismatch(parser, field.name(), "a text");
    }
    return parser.getText();
  }

  /** A constant of a newer version; as in protobuf's JSON it is ignored like an unknown field. */
  private static boolean isUnknownEnumName(JsonParser parser, Field field) throws IOException {
    if (field.enumNumbers().isEmpty() || parser.currentToken() != JsonToken.VALUE_STRING) {
      return false;
    }
    String name = parser.getText();
    boolean named = !name.isEmpty() && Character.isLetter(name.charAt(0));
    return named && !field.enumNumbers().containsKey(name);
  }

  private static void writeNumber(JsonParser parser, Field field, ProtobufWriter out)
      throws IOException {
    try {
      switch (field.type()) {
        case DOUBLE -> out.fixed64(Double.doubleToRawLongBits(JsonValues.decimal(parser)));
        case FLOAT -> out.fixed32(Float.floatToRawIntBits((float) JsonValues.decimal(parser)));
        case FIXED64, UINT64 -> writeLong(field, JsonValues.unsigned(parser, 64), out);
        case SFIXED64, INT64 -> writeLong(field, JsonValues.signed(parser, 64), out);
        case SINT64 -> out.varint(zigZag(JsonValues.signed(parser, 64)));
        case UINT32 -> out.varint(JsonValues.unsigned(parser, 32));
        case INT32 -> out.varint(JsonValues.signed(parser, 32));
        case SINT32 -> out.varint(zigZag(JsonValues.signed(parser, 32)));
        case FIXED32 -> out.fixed32((int) JsonValues.unsigned(parser, 32));
        case SFIXED32 -> out.fixed32((int) JsonValues.signed(parser, 32));
        case BOOL -> out.varint(JsonValues.bool(parser) ? 1 : 0);
        case ENUM -> out.varint(enumNumber(parser, field, out));
        default -> throw new IllegalStateException(field.name() + " is no number");
      }
    } catch (NumberFormatException e) {
      throw mismatch(parser, field.name(), String.valueOf(e.getMessage()));
    }
  }

  private static long enumNumber(JsonParser parser, Field field, ProtobufWriter out)
      throws IOException {
    Integer named =
        parser.currentToken() == JsonToken.VALUE_STRING
            ? field.enumNumbers().get(parser.getText())
            : null;
    if (named == null) {
      return JsonValues.signed(parser, 32);
    }
    out.warn(Warning.ENUM_NAME, "");
    return named;
  }

  private static void writeLong(Field field, long value, ProtobufWriter out) {
    if (field.wireType() == 1) {
      out.fixed64(value);
    } else {
      out.varint(value);
    }
  }

  private static long zigZag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  private static RefusedException mismatch(JsonParser parser, String field, String expected) {
    return new RefusedException(
        Reason.MALFORMED,
        field
            + ": not usable"
            + at(parser.currentTokenLocation())
            + " (expected: "
            + expected
            + ")");
  }

  private static String at(com.fasterxml.jackson.core.JsonLocation location) {
    return location == null
        ? ""
        : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
  }
}
