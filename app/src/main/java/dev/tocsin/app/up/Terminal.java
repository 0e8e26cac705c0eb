package dev.tocsin.app.up;

import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/**
 * What the person who started {@code tocsin up} sees: stages with the seconds since the start, the
 * table, and later one line for each thing worth a look. Thread-safe.
 */
final class Terminal {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final int LABEL_WIDTH = 18;

  private final PrintStream out;
  private final Ansi ansi;
  private final InstantSource clock;
  private final long startMs;

  Terminal(PrintStream out, Ansi ansi, InstantSource clock) {
    this.out = out;
    this.ansi = ansi;
    this.clock = clock;
    this.startMs = clock.millis();
  }

  /** One line of progress. */
  void stage(String what) {
    print("  %5.1f s  %s".formatted(elapsed().toMillis() / 1_000.0, what));
  }

  Duration elapsed() {
    return Duration.ofMillis(clock.millis() - startMs);
  }

  /** Something that happened, with the time of day. */
  void event(String style, String head, String text) {
    String time = TIME.format(LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault()));
    print(time + "  " + styled(style, visible(head)) + "  " + visible(text));
  }

  void title(String text) {
    print("");
    print(styled("bold", text));
    print("");
  }

  void table(Map<String, String> rows) {
    rows.forEach((label, value) -> print(("  %-" + LABEL_WIDTH + "s %s").formatted(label, value)));
  }

  void lines(List<String> lines) {
    lines.forEach(this::print);
  }

  /**
   * Titles and names come from telemetry: what would steer the terminal is shown instead of obeyed.
   */
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        visible.append("\\u%04x".formatted((int) c));
      } else {
        visible.append(c);
      }
    }
    return visible.toString();
  }

  private String styled(String style, String text) {
    return ansi.new Text("@|" + style + " " + text + "|@").toString();
  }

  private synchronized void print(String line) {
    out.println(line);
    out.flush();
  }
}
