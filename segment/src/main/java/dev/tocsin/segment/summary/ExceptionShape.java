package dev.tocsin.segment.summary;

import dev.tocsin.segment.index.Hashes;
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

  private static final Pattern CAUSE = Pattern.compile("(?:Caused by|Suppressed): ([\\w.$]+).*");
  private static final Pattern LEFT_OUT = Pattern.compile("\\.\\.\\. \\d+ (more|common frames.*)");

  private static final Pattern LAMBDA = Pattern.compile("\\$\\$Lambda[$/\\w.]*");
  private static final Pattern LAMBDA_METHOD = Pattern.compile("lambda\\$([\\w$]*?)\\$\\d+");
  private static final Pattern GENERATED =
      Pattern.compile("(\\$\\$\\w*?(?:CGLIB|ByteBuddy|SpringCGLIB|FastClass|Enhancer)\\w*)[$\\w]*");
  private static final Pattern NUMBERED =
      Pattern.compile("(\\$Proxy|GeneratedMethodAccessor|GeneratedConstructorAccessor|\\$)\\d+");

  /** What stands before a line number, the longest first. */
  private static final List<String> PLACES = List.of(", line ", ":line ", ":");

  private static final Pattern UUID =
      Pattern.compile(
          "\\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\b");
  private static final Pattern HEX = Pattern.compile("\\b0x[0-9a-fA-F]+|\\b[0-9a-fA-F]{16,}\\b");

  /** Hexadecimal digits in a row that every UUID has. */
  private static final int ID_DIGITS_MIN = 8;

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private static final String PYTHON_MAIN = "__main__.";
  private static final String PYTHON_LOCAL = "<locals>.";

  /** Before the name of a nested type. */
  private static final Pattern NESTED = Pattern.compile("(?<=[^$+])[$+](?=[A-Za-z_])");

  private static final List<String> MACHINERY =
      List.of(
          "jdk.internal.reflect.",
          "sun.reflect.",
          "java.lang.reflect.",
          "java.lang.invoke.",
          "<generated>",
          "$$Lambda",
          "$Lambda$",
          "$Proxy",
          "$$SpringCGLIB",
          "$$EnhancerBy",
          "$$FastClassBy",
          "$ByteBuddy$");

  private ExceptionShape() {}

  /**
   * The name of a type as its language writes it, whoever tells of it: spans and logs of one
   * exception say {@code App.X} and {@code App$X} in Java, {@code App+X} in .NET, {@code X} and
   * {@code __main__.X} in Python.
   */
  static String type(String type) {
    String plain = generated(type.strip());
    int local = plain.lastIndexOf(PYTHON_LOCAL);
    if (local >= 0) {
      plain = plain.substring(local + PYTHON_LOCAL.length());
    } else if (plain.startsWith(PYTHON_MAIN)) {
      plain = plain.substring(PYTHON_MAIN.length());
    }
    return NESTED.matcher(plain).replaceAll(".");
  }

  /** Loggers of Python and .NET leave out the package. */
  static String simple(String type) {
    return type.substring(type.lastIndexOf('.') + 1);
  }

  /**
   * @param type as {@link #type} returned it
   * @param stack as it came; when empty, the message tells the kind
   */
  static long fingerprint(String service, String type, String message, String stack) {
    boolean told = !stack.isBlank();
    String shape = told ? stack(stack) : text(message);
    // With a stack the name says little more; without one it says nearly all.
    String name = told ? simple(type) : type;
    return Hashes.of(service + '\u0001' + name + '\u0001' + shape);
  }

  /** The frames of a stack and the types of its causes; all its lines when no frame is known. */
  static String stack(String stack) {
    List<String> frames = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    boolean anyFrame = false;
    for (String raw : (Iterable<String>) stack.lines()::iterator) {
      String line = raw.strip();
      if (line.isEmpty() || (line.startsWith("...") && LEFT_OUT.matcher(line).matches())) {
        continue;
      }
      if (frames.size() >= LINES_MAX || lines.size() >= LINES_MAX * 4) {
        break;
      }
      if (line.length() > LINE_CHARACTERS_MAX) {
        line = line.substring(0, LINE_CHARACTERS_MAX);
      }
      // Java and .NET "at x", JavaScript "at f (file:1:2)", Python 'File "x", line 1, in f'.
      if (line.startsWith("at ") || line.startsWith("File \"")) {
        if (!isMachinery(line)) {
          anyFrame = true;
          frames.add(frame(line));
        }
      } else if (line.startsWith("Caused by: ") || line.startsWith("Suppressed: ")) {
        Matcher cause = CAUSE.matcher(line);
        if (cause.matches()) {
          frames.add(type(cause.group(1)));
        }
      }
      lines.add(line);
    }
    if (anyFrame) {
      return String.join("\n", frames);
    }
    return String.join(
        "\n", lines.stream().limit(LINES_MAX).map(line -> text(frame(line))).toList());
  }

  /**
   * Whether a frame is of reflection, or of a class or function without a name of its own: the JVM
   * puts in others after some calls, so that one exception would be of two kinds.
   */
  private static boolean isMachinery(String line) {
    if (line.endsWith("(<anonymous>)") || line.equals("at <anonymous>")) {
      return true;
    }
    if (line.indexOf('$') < 0 && !line.contains("reflect.") && !line.contains("<generated>")) {
      return line.contains("java.lang.invoke.");
    }
    return MACHINERY.stream().anyMatch(line::contains);
  }

  private static String frame(String line) {
    return ids(withoutPlaces(generated(line)));
  }

  /**
   * Without line numbers, and columns after them. By hand: this is done for each line of each
   * stack, and a regular expression took a tenth of all time.
   */
  private static String withoutPlaces(String line) {
    StringBuilder rest = new StringBuilder(line.length());
    int copied = 0;
    for (int at = 0; at < line.length(); at++) {
      int end = placeEnd(line, at);
      if (end > at) {
        rest.append(line, copied, at);
        copied = end;
        at = end - 1;
      }
    }
    return copied == 0 ? line : rest.append(line, copied, line.length()).toString();
  }

  /** Where a place that begins there ends, else -1. */
  private static int placeEnd(String line, int at) {
    char first = line.charAt(at);
    if (first != ':' && first != ',') {
      return -1;
    }
    for (String before : PLACES) {
      if (line.startsWith(before, at)) {
        int lineEnd = digitsEnd(line, at + before.length());
        if (lineEnd > at + before.length()) {
          boolean column = lineEnd < line.length() && line.charAt(lineEnd) == ':';
          int columnEnd = column ? digitsEnd(line, lineEnd + 1) : lineEnd;
          int end = columnEnd > lineEnd + 1 ? columnEnd : lineEnd;
          return isPlaceEnd(line, end) ? end : -1;
        }
      }
    }
    return -1;
  }

  private static int digitsEnd(String line, int from) {
    int end = from;
    while (end < line.length() && line.charAt(end) >= '0' && line.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static boolean isPlaceEnd(String line, int at) {
    return at == line.length()
        || "),".indexOf(line.charAt(at)) >= 0
        || Character.isWhitespace(line.charAt(at));
  }

  /** Without addresses and ids. Most texts have none, which is seen faster than searched for. */
  private static String ids(String text) {
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      digits = Character.digit(text.charAt(i), 16) >= 0 ? digits + 1 : 0;
      if (digits == ID_DIGITS_MIN
          || (text.charAt(i) == 'x' && i > 0 && text.charAt(i - 1) == '0')) {
        return HEX.matcher(UUID.matcher(text).replaceAll("#")).replaceAll("#");
      }
    }
    return text;
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
    return NUMBER.matcher(ids(bounded)).replaceAll("#");
  }
}
