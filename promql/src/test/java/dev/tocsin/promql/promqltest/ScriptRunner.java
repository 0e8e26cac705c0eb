package dev.tocsin.promql.promqltest;

import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.PromqlPrinter;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.parse.ParserOptions;
import dev.tocsin.promql.parse.SeriesNotation;
import dev.tocsin.promql.promqltest.Script.Command;
import dev.tocsin.promql.promqltest.Script.Eval;
import dev.tocsin.promql.promqltest.Script.Expected;
import dev.tocsin.promql.promqltest.Script.Note;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Runs scripts against the engine with the settings that their expected values assume. */
final class ScriptRunner {
  /** A case that did not come out as expected. */
  record Failure(int line, String query, String reason) {}

  /** How a script came out. */
  record Report(int evaluated, List<Failure> failures) {}

  private static final Set<String> CONTEXT_FUNCTIONS = Set.of("start", "end", "range", "step");

  static final EngineOptions OPTIONS =
      EngineOptions.defaults()
          .withSamplesMax(100_000)
          .withDelayedNameRemoval(true)
          .withParser(ParserOptions.EXPERIMENTAL);

  private final PromqlEngine engine = new PromqlEngine(OPTIONS);
  private final InMemorySeriesSource source = new InMemorySeriesSource();
  private final StoredHistograms stored = new StoredHistograms(source);
  private final List<Failure> failures = new ArrayList<>();
  private int evaluated;

  static Report run(String text) {
    ScriptRunner runner = new ScriptRunner();
    for (Command command : ScriptReader.read(text).commands()) {
      if (command instanceof Script.Load load) {
        runner.load(load);
      } else if (command instanceof Script.Clear) {
        runner.source.clear();
        runner.stored.clear();
      } else if (command instanceof Eval eval) {
        runner.evaluate(eval);
      }
    }
    return new Report(runner.evaluated, runner.failures);
  }

  private void load(Script.Load load) {
    for (SeriesNotation.Line line : load.series()) {
      long time = 0;
      for (SeriesNotation.Point point : line.points()) {
        if (point.histogram() != null) {
          stored.append(line.labels(), time, point.histogram());
        } else if (!point.omitted()) {
          source.append(line.labels(), time, point.value());
        }
        time += load.stepMs();
      }
    }
    if (load.withNhcb()) {
      ClassicConversion.load(load, stored);
    }
  }

  private void evaluate(Eval eval) {
    evaluated++;
    try {
      String reason = check(eval);
      if (!reason.isEmpty()) {
        failures.add(new Failure(eval.line(), eval.query(), reason));
      }
    } catch (RuntimeException | StackOverflowError e) {
      StackTraceElement[] trace = e.getStackTrace();
      failures.add(
          new Failure(eval.line(), eval.query(), e + (trace.length > 0 ? " at " + trace[0] : "")));
    }
  }

  private String check(Eval eval) {
    Expected expected = eval.expected();
    QueryResult result;
    try {
      result = ask(eval, eval.query());
    } catch (PromqlException e) {
      return failure(expected, String.valueOf(e.getMessage()));
    }
    if (expected.fails) {
      return "expected failure, got " + Comparison.describe(result.value());
    }
    String reason = notes(expected, result);
    if (reason.isEmpty()) {
      reason = Comparison.compare(eval, result.value());
    }
    if (!reason.isEmpty() || eval.range()) {
      return reason.isEmpty() ? roundTrip(eval.query()) : reason;
    }
    return again(eval);
  }

  private QueryResult ask(Eval eval, String query) {
    QueryContext context = QueryContext.create();
    return eval.range()
        ? engine.range(source, query, eval.startMs(), eval.endMs(), eval.stepMs(), context)
        : engine.instant(source, query, eval.startMs(), context);
  }

  private static String failure(Expected expected, String message) {
    if (!expected.fails) {
      return "failed: " + message;
    } else if (expected.failMessage != null && !expected.failMessage.equals(message)) {
      return "failed with " + message + ", expected " + expected.failMessage;
    } else if (expected.failRegex != null && !new Note(null, expected.failRegex).matches(message)) {
      return "failed with " + message + ", expected pattern " + expected.failRegex;
    }
    return "";
  }

  private static String notes(Expected expected, QueryResult result) {
    String warnings = notes("warn", expected.warnings, expected.noWarnings, result.warnings());
    return warnings.isEmpty()
        ? notes("info", expected.infos, expected.noInfos, result.infos())
        : warnings;
  }

  private static String notes(String kind, List<Note> expected, boolean none, List<String> actual) {
    if (none && !actual.isEmpty()) {
      return "expected no " + kind + ", got " + actual;
    }
    for (Note note : expected) {
      if (actual.stream().noneMatch(note::matches)) {
        return "expected " + kind + " " + note + ", got " + actual;
      }
    }
    for (String text : actual) {
      if (!expected.isEmpty() && expected.stream().noneMatch(note -> note.matches(text))) {
        return "unexpected " + kind + " " + text;
      }
    }
    return "";
  }

  /**
   * An instant query must give the same as the middle step of a range query, and with its selectors
   * pinned.
   */
  private String again(Eval eval) {
    Expr expr = PromqlParser.parse(eval.query());
    String printed = roundTrip(eval.query());
    if (!printed.isEmpty()) {
      return printed;
    }
    Expr pinned = PinnedSelectors.at(expr, eval.startMs());
    if (pinned != null) {
      for (long shift : new long[] {-60_000, 1, 7_000, 60_000, 3_600_000}) {
        QueryResult result =
            engine.instant(source, pinned, eval.startMs() + shift, QueryContext.create());
        String reason = Comparison.compare(eval, result.value());
        if (!reason.isEmpty()) {
          return "with @ at " + shift + ": " + reason;
        }
      }
    }
    if (eval.expected().ordered || expr.type() != ValueType.VECTOR || usesContext(expr)) {
      return "";
    }
    QueryResult result =
        engine.range(
            source,
            expr,
            eval.startMs() - 60_000,
            eval.startMs() + 60_000,
            60_000,
            QueryContext.create());
    String reason =
        Comparison.compare(eval, Comparison.at((Value.Matrix) result.value(), eval.startMs()));
    return reason.isEmpty() ? "" : "as a range query: " + reason;
  }

  private static boolean usesContext(Expr expr) {
    if (expr instanceof Call call && CONTEXT_FUNCTIONS.contains(call.function().name())) {
      return true;
    }
    return PromqlPrinter.print(expr).matches("(?s).*@ (start|end)\\(\\).*|.*(step|range)\\(\\).*")
        || expr.children().stream().anyMatch(ScriptRunner::usesContext);
  }

  private static String roundTrip(String query) {
    Expr expr = PromqlParser.parse(query);
    String printed = PromqlPrinter.print(expr);
    String pretty = PromqlPrinter.pretty(expr);
    if (!PromqlPrinter.print(PromqlParser.parse(printed)).equals(printed)) {
      return "prints to another query: " + printed;
    }
    return PromqlPrinter.print(PromqlParser.parse(pretty)).equals(printed)
        ? ""
        : "pretty-prints to another query: " + pretty;
  }
}
