package dev.tocsin.promql.promqltest;

import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.parse.Durations;
import dev.tocsin.promql.parse.SeriesNotation;
import dev.tocsin.promql.promqltest.Script.Command;
import dev.tocsin.promql.promqltest.Script.Eval;
import dev.tocsin.promql.promqltest.Script.Expected;
import dev.tocsin.promql.promqltest.Script.Note;
import dev.tocsin.promql.text.Numbers;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads scripts. */
final class ScriptReader {
  private static final Pattern LOAD = Pattern.compile("load(_with_nhcb)?\\s+(\\S+)");
  private static final Pattern EVAL =
      Pattern.compile(
          "eval(?:_(fail|warn|info|ordered))?\\s+instant\\s+at\\s+(\\S+)\\s+(.+)", Pattern.DOTALL);
  private static final Pattern RANGE =
      Pattern.compile(
          "eval(?:_(fail|warn|info))?\\s+range\\s+from\\s+(\\S+)\\s+to\\s+(\\S+)\\s+step\\s+(\\S+)\\s+(.+)",
          Pattern.DOTALL);
  private static final Pattern EXPECT =
      Pattern.compile(
          "expect\\s+(fail|warn|info|no_warn|no_info|ordered)\\s*(?:(msg|regex):(.*))?");
  private static final Pattern EXPECT_RANGE =
      Pattern.compile(
          "expect\\s+range\\s+vector\\s+from\\s+(\\S+)\\s+to\\s+(\\S+)\\s+step\\s+(\\S+)");
  private static final Pattern EXPECT_STRING = Pattern.compile("expect\\s+string\\s+(.*)");

  private final List<String> lines;
  private int at;

  private ScriptReader(String text) {
    this.lines = List.of(text.split("\n", -1));
  }

  static Script read(String text) {
    return new ScriptReader(text).run();
  }

  private Script run() {
    List<Command> commands = new ArrayList<>();
    while (at < lines.size()) {
      String line = lines.get(at).strip();
      int number = ++at;
      Matcher load = LOAD.matcher(line);
      if (line.equals("clear")) {
        commands.add(new Script.Clear(number));
      } else if (load.matches()) {
        commands.add(
            new Script.Load(number, millis(load.group(2)), load.group(1) != null, series()));
      } else if (line.startsWith("eval")) {
        commands.add(eval(line, number));
      } else if (!blank(line)) {
        throw new IllegalArgumentException("line " + number + ": unknown command: " + line);
      }
    }
    return new Script(commands);
  }

  private static boolean blank(String line) {
    return line.isEmpty() || line.startsWith("#");
  }

  private List<SeriesNotation.Line> series() {
    List<SeriesNotation.Line> series = new ArrayList<>();
    while (at < lines.size() && !blank(lines.get(at).strip())) {
      series.add(SeriesNotation.parse(lines.get(at++)));
    }
    return series;
  }

  private Eval eval(String line, int number) {
    Matcher instant = EVAL.matcher(line);
    Matcher range = RANGE.matcher(line);
    Expected expected = new Expected();
    if (instant.matches()) {
      mode(instant.group(1), expected);
      long time = millis(instant.group(2));
      body(expected);
      return new Eval(number, false, time, time, 0, instant.group(3), expected);
    } else if (range.matches()) {
      mode(range.group(1), expected);
      body(expected);
      return new Eval(
          number,
          true,
          millis(range.group(2)),
          millis(range.group(3)),
          millis(range.group(4)),
          range.group(5),
          expected);
    }
    throw new IllegalArgumentException("line " + number + ": malformed eval: " + line);
  }

  private static void mode(@Nullable String mode, Expected expected) {
    if (mode == null) {
      return;
    }
    switch (mode) {
      case "fail" -> expected.fails = true;
      case "warn" -> expected.warnings.add(new Note(null, null));
      case "info" -> expected.infos.add(new Note(null, null));
      default -> expected.ordered = true;
    }
  }

  private void body(Expected expected) {
    while (at < lines.size() && !blank(lines.get(at).strip())) {
      String line = lines.get(at++).strip();
      if (line.startsWith("expect ") || line.startsWith("expected_fail")) {
        expectation(line, expected);
        continue;
      }
      Double number = scalar(line);
      if (number != null) {
        expected.scalar = number;
      } else {
        expected.series.add(SeriesNotation.parse(line));
      }
    }
  }

  private static @Nullable Double scalar(String line) {
    boolean negative = line.startsWith("-");
    Double value = Numbers.parse(negative || line.startsWith("+") ? line.substring(1) : line);
    return value == null ? null : negative ? -value : value;
  }

  private static void expectation(String line, Expected expected) {
    Matcher string = EXPECT_STRING.matcher(line);
    Matcher range = EXPECT_RANGE.matcher(line);
    Matcher plain = EXPECT.matcher(line);
    if (string.matches()) {
      StringLiteral literal =
          (StringLiteral) dev.tocsin.promql.PromqlParser.parse(string.group(1).strip());
      expected.string = literal.value();
    } else if (range.matches()) {
      expected.rangeVector = true;
      expected.rangeStartMs = millis(range.group(1));
      expected.rangeStepMs = millis(range.group(3));
    } else if (plain.matches()) {
      String text = plain.group(3) == null ? null : plain.group(3).strip();
      boolean exact = "msg".equals(plain.group(2));
      Note note = new Note(exact ? text : null, exact ? null : text);
      switch (plain.group(1)) {
        case "fail" -> {
          expected.fails = true;
          expected.failMessage = note.message();
          expected.failRegex = note.regex();
        }
        case "warn" -> expected.warnings.add(note);
        case "info" -> expected.infos.add(note);
        case "no_warn" -> expected.noWarnings = true;
        case "no_info" -> expected.noInfos = true;
        default -> expected.ordered = true;
      }
    } else {
      throw new IllegalArgumentException("malformed expectation: " + line);
    }
  }

  static long millis(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative ? text.substring(1) : text;
    Long millis = Durations.parseMillis(digits);
    if (millis == null) {
      Double seconds = Numbers.parse(digits);
      millis = seconds == null ? null : (Long) Math.round(seconds * 1000);
    }
    long value =
        Objects.requireNonNull(
            millis, () -> PromqlException.execution("bad duration: " + text).toString());
    return negative ? -value : value;
  }
}
