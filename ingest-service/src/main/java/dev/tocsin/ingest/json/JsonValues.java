package dev.tocsin.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Scalars as protobuf's JSON mapping writes and reads them. A {@link NumberFormatException} carries
 * what was expected.
 */
final class JsonValues {
  private JsonValues() {}

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  /** Both alphabets, with and without padding. */
  static byte[] base64(String text) {
    boolean url = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
    return (url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
  }

  static boolean bool(JsonParser parser) throws IOException {
    return switch (scalar(parser)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new NumberFormatException("true or false");
    };
  }

  static double decimal(JsonParser parser) throws IOException {
    if (parser.currentToken().isNumeric()) {
      return parser.getDoubleValue();
    }
    String text = scalar(parser);
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> {
        try {
          // BigDecimal takes decimal notation only, Double.parseDouble also "1d" and "0x1p3".
          yield new BigDecimal(text).doubleValue();
        } catch (NumberFormatException e) {
          throw new NumberFormatException("a number, NaN, Infinity or -Infinity");
        }
      }
    };
  }

  static long signed(JsonParser parser, int bits) throws IOException {
    BigInteger value = integer(parser);
    if (value.bitLength() >= bits) {
      throw new NumberFormatException("a signed integer of " + bits + " bits");
    }
    return value.longValue();
  }

  /** The bits of the unsigned number. */
  static long unsigned(JsonParser parser, int bits) throws IOException {
    BigInteger value = integer(parser);
    if (value.signum() < 0 || value.bitLength() > bits) {
      throw new NumberFormatException("an unsigned integer of " + bits + " bits");
    }
    return value.longValue();
  }

  /** A whole number, also written as text, with a fraction of zeros or with an exponent. */
  private static BigInteger integer(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return BigInteger.valueOf(parser.getLongValue());
    }
    String text = scalar(parser);
    try {
      BigDecimal value = new BigDecimal(text);
      // A large exponent would make an integer of that many digits.
      if (value.signum() != 0 && (value.precision() - value.scale() > 20 || value.scale() > 40)) {
        throw new NumberFormatException("an integer of at most 64 bits");
      }
      return value.signum() == 0 ? BigInteger.ZERO : value.toBigIntegerExact();
    } catch (NumberFormatException e) {
      throw new NumberFormatException("an integer of at most 64 bits");
    } catch (ArithmeticException e) {
      throw new NumberFormatException("a whole number");
    }
  }

  private static String scalar(JsonParser parser) throws IOException {
    if (!parser.currentToken().isScalarValue() || parser.getTextLength() > 100) {
      throw new NumberFormatException("a number or a short text");
    }
    return parser.getText();
  }
}
