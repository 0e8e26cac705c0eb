package dev.tocsin.app.conformance.report;

import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Level;
import dev.tocsin.app.conformance.check.Result;
import dev.tocsin.app.conformance.check.Summary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/** Results for people: a line for each case, and under a failure what is known about it. */
public final class TextReport {
  private static final int WIDTH = 100;
  private static final int LABEL_WIDTH = 10;

  private final PrintWriter out;
  private final Ansi ansi;

  /**
   * @param ansi whether to use colour
   */
  public TextReport(PrintWriter out, Ansi ansi) {
    this.out = out;
    this.ansi = ansi;
  }

  /** Prints a case as soon as it is done. */
  public void result(Result result) {
    ConformanceCase one = result.of();
    CaseOutcome outcome = result.outcome();
    String line =
        "%-5s %-8s %-21s %s".formatted(one.item(), one.level(), one.lane().label(), one.name());
    if (outcome instanceof CaseOutcome.Passed) {
      out.println(mark("green", "PASS") + "  " + line);
    } else if (outcome instanceof CaseOutcome.Skipped skipped) {
      out.println(mark("faint", "SKIP") + "  " + line);
      block("because", skipped.reason());
    } else if (outcome instanceof CaseOutcome.Failed failed) {
      out.println(mark(one.level() == Level.MUST ? "red" : "yellow", "FAIL") + "  " + line);
      block("case", one.title());
      block("sent", failed.sent());
      block("came", failed.came());
      block("expected", failed.expected());
      block("spec", one.section());
      if (failed.reproduce() != null) {
        // One line however long, so that it can be copied.
        out.println(label("try") + failed.reproduce());
      }
    }
    out.flush();
  }

  public void summary(Summary summary, long millis) {
    out.println();
    out.printf(
        "MUST %d/%d   SHOULD %d/%d   EXPECTED %d/%d   skipped %d   in %.1f s%n",
        summary.passed(Level.MUST),
        summary.tried(Level.MUST),
        summary.passed(Level.SHOULD),
        summary.tried(Level.SHOULD),
        summary.passed(Level.EXPECTED),
        summary.tried(Level.EXPECTED),
        summary.skipped(),
        millis / 1_000.0);
    out.println(verdict(summary));
    out.flush();
  }

  private static String verdict(Summary summary) {
    if (!summary.conforms()) {
      return "The receiver does not conform: a MUST of OTLP failed.";
    }
    return summary.passed(Level.SHOULD) == summary.tried(Level.SHOULD)
        ? "Every MUST and SHOULD that applies holds."
        : "Every MUST that applies holds; not every SHOULD does.";
  }

  private String mark(String style, String word) {
    return ansi.string("@|" + style + " " + word + "|@");
  }

  private static String label(String name) {
    return "      " + String.format("%-" + LABEL_WIDTH + "s", name);
  }

  private void block(String name, String text) {
    String first = label(name);
    String rest = " ".repeat(first.length());
    List<String> lines = wrap(printable(text), WIDTH - first.length());
    for (int i = 0; i < lines.size(); i++) {
      out.println((i == 0 ? first : rest) + lines.get(i));
    }
  }

  /** What a receiver answers must not steer the terminal. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    String left = text;
    while (left.length() > width) {
      int space = left.lastIndexOf(' ', width);
      int end = space > width / 2 ? space : width;
      lines.add(left.substring(0, end));
      left = left.substring(end).stripLeading();
    }
    lines.add(left);
    return lines;
  }
}
