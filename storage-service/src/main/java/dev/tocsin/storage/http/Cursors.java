package dev.tocsin.storage.http;

import com.google.protobuf.ByteString;
import dev.tocsin.otlp.json.OtlpJson;
import dev.tocsin.storage.ports.LogCursor;
import dev.tocsin.storage.ports.TraceCursor;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Places in an order as opaque texts: what {@code next} of an answer says and {@code cursor} takes.
 */
final class Cursors {
  private static final Pattern TRACE = Pattern.compile("t(\\d{1,19})\\.([0-9a-f]{0,64})");
  private static final Pattern LOG = Pattern.compile("l(\\d{1,19})\\.(\\d{1,6})");

  private Cursors() {}

  static String text(TraceCursor cursor) {
    return encoded("t" + cursor.nanos() + "." + OtlpJson.hex(cursor.traceId()));
  }

  static String text(LogCursor cursor) {
    return encoded("l" + cursor.nanos() + "." + cursor.seen());
  }

  private static String encoded(String plain) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
  }

  static Optional<TraceCursor> trace(Params params) {
    String text = params.text("cursor");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher parts = parts(TRACE, text);
    try {
      ByteString id = ByteString.copyFrom(HexFormat.of().parseHex(parts.group(2)));
      return Optional.of(new TraceCursor(Long.parseLong(parts.group(1)), id));
    } catch (IllegalArgumentException e) {
      throw bad(text);
    }
  }

  static Optional<LogCursor> log(Params params) {
    String text = params.text("cursor");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher parts = parts(LOG, text);
    try {
      int seen = Integer.parseInt(parts.group(2));
      return Optional.of(new LogCursor(Long.parseLong(parts.group(1)), seen));
    } catch (NumberFormatException e) {
      throw bad(text);
    }
  }

  private static Matcher parts(Pattern pattern, String text) {
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII);
      Matcher parts = pattern.matcher(plain);
      if (parts.matches()) {
        return parts;
      }
    } catch (IllegalArgumentException e) {
      throw bad(text);
    }
    throw bad(text);
  }

  private static RuntimeException bad(String text) {
    return Params.bad("cursor", text, "what `next` of an earlier answer said");
  }
}
