package dev.tocsin.storage.summary;

import dev.tocsin.storage.segment.Hashes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What makes two exceptions the same kind: type and stack without what differs from run to run and
 * from build to build (line numbers, addresses, ids, names of generated classes and lambdas). Pure.
 */
final class ExceptionShape {
  private static final int LINES_MAX = 60;
  private static final int LINE_CHARACTERS_MAX = 400;

  // Java and .NET "at x", JavaScript "at f (file:1:2)", Python 'File "x", line 1, in f'.
  private static final Pattern FRAME = Pattern.compile("(at |File \").+");
  private static final Pattern CAUSE = Pattern.compile("(Caused by|Suppressed): ([\\w.$]+).*");
  private static final Pattern LEFT_OUT = Pattern.compile("\\.\\.\\. \\d+ (more|common frames.*)");

  private static final Pattern LAMBDA = Pattern.compile("\\$\\$Lambda[$/\\w.]*");
  private static final Pattern LAMBDA_METHOD = Pattern.compile("lambda\\$([\\w$]*?)\\$\\d+");
  private static final Pattern GENERATED =
      Pattern.compile("(\\$\\$\\w*?(?:CGLIB|ByteBuddy|SpringCGLIB|FastClass|Enhancer)\\w*)[$\\w]*");
  private static final Pattern NUMBERED =
      Pattern.compile("(\\$Proxy|GeneratedMethodAccessor|GeneratedConstructorAccessor|\\$)\\d+");
  private static final Pattern PLACE =
      Pattern.compile("(?:, line |:line |:)\\d+(?::\\d+)?(?=[),\\s]|$)");
  private static final Pattern UUID =
      Pattern.compile(
          "\\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\b");
  private static final Pattern HEX = Pattern.compile("\\b0x[0-9a-fA-F]+|\\b[0-9a-fA-F]{16,}\\b");
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private ExceptionShape() {}

  /** A type without what a generator made up. */
  static String type(String type) {
    return generated(type.strip());
  }

  /**
   * @param type as {@link #type} returned it
   * @param stack as it came; when empty, the message tells the kind
   */
  static long fingerprint(String service, String type, String message, String stack) {
    String shape = stack.isBlank() ? text(message) : stack(stack);
    return Hashes.of(service + '\u0001' + type + '\u0001' + shape);
  }

  /** The frames of a stack and the types of its causes; all its lines when no frame is known. */
  static String stack(String stack) {
    List<String> frames = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    boolean anyFrame = false;
    for (String raw : (Iterable<String>) stack.lines()::iterator) {
      String line = raw.strip();
      if (line.isEmpty() || LEFT_OUT.matcher(line).matches()) {
        continue;
      }
      if (frames.size() >= LINES_MAX || lines.size() >= LINES_MAX * 4) {
        break;
      }
      if (line.length() > LINE_CHARACTERS_MAX) {
        line = line.substring(0, LINE_CHARACTERS_MAX);
      }
      Matcher cause = CAUSE.matcher(line);
      if (FRAME.matcher(line).matches()) {
        anyFrame = true;
        frames.add(frame(line));
      } else if (cause.matches()) {
        frames.add(type(cause.group(2)));
      }
      lines.add(line);
    }
    if (anyFrame) {
      return String.join("\n", frames);
    }
    return String.join(
        "\n", lines.stream().limit(LINES_MAX).map(line -> text(frame(line))).toList());
  }

  private static String frame(String line) {
    String frame = PLACE.matcher(generated(line)).replaceAll("");
    return HEX.matcher(UUID.matcher(frame).replaceAll("#")).replaceAll("#");
  }

  private static String generated(String text) {
    if (text.indexOf('$') < 0 && !text.contains("Generated")) {
      return text;
    }
    String plain = LAMBDA.matcher(text).replaceAll("\\$lambda");
    plain = LAMBDA_METHOD.matcher(plain).replaceAll("lambda\\$$1");
    plain = GENERATED.matcher(plain).replaceAll("$1");
    return NUMBERED.matcher(plain).replaceAll("$1");
  }

  /** A message without ids and numbers. */
  private static String text(String message) {
    String bounded = CatalogueText.cut(message, LINE_CHARACTERS_MAX);
    String plain = HEX.matcher(UUID.matcher(bounded).replaceAll("#")).replaceAll("#");
    return NUMBER.matcher(plain).replaceAll("#");
  }
}
