package dev.tocsin.promql.promqltest;

import dev.tocsin.promql.parse.SeriesNotation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parsed script: commands in order. */
record Script(List<Command> commands) {
  /** One block of a script. */
  sealed interface Command {
    int line();
  }

  /** Adds samples. */
  record Load(int line, long stepMs, boolean withNhcb, List<SeriesNotation.Line> series)
      implements Command {}

  /** Forgets all samples. */
  record Clear(int line) implements Command {}

  /** Evaluates a query; {@code startMs == endMs} and no step for an instant one. */
  record Eval(
      int line,
      boolean range,
      long startMs,
      long endMs,
      long stepMs,
      String query,
      Expected expected)
      implements Command {}

  /** What an evaluation must give. */
  static final class Expected {
    boolean fails;
    @Nullable String failMessage;
    @Nullable String failRegex;
    boolean ordered;
    final List<Note> warnings = new ArrayList<>();
    final List<Note> infos = new ArrayList<>();
    boolean noWarnings;
    boolean noInfos;
    @Nullable String string;
    @Nullable Double scalar;
    boolean rangeVector;
    long rangeStartMs;
    long rangeStepMs;
    final List<SeriesNotation.Line> series = new ArrayList<>();
  }

  /** An annotation: an exact text, a pattern, or neither. */
  record Note(@Nullable String message, @Nullable String regex) {
    boolean matches(String text) {
      if (message != null) {
        return message.equals(text);
      }
      return regex == null || java.util.regex.Pattern.compile(regex).matcher(text).find();
    }
  }
}
