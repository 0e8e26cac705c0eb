package dev.tocsin.segment.log;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The number of a severity that came as a text only, as receivers of plain log lines send it: the
 * names of OpenTelemetry, and those of other systems by the table in its data model.
 */
public final class SeverityText {
  private static final Map<String, Integer> NUMBERS = new HashMap<>();

  static {
    String[] names = {"trace", "debug", "info", "warn", "error", "fatal"};
    for (int i = 0; i < names.length; i++) {
      int first = 1 + 4 * i;
      add(first, names[i], names[i].substring(0, 1));
      for (int step = 1; step <= 4; step++) {
        add(first + step - 1, names[i] + step);
      }
    }
    add(1, "finest", "verbose", "trc");
    add(2, "finer");
    add(5, "fine", "config", "dbg");
    add(9, "information", "informational", "inf");
    add(10, "notice");
    add(13, "warning", "wrn");
    add(17, "err", "severe");
    add(18, "critical", "crit");
    add(19, "alert");
    add(21, "emergency", "emerg", "panic", "ftl");
  }

  private SeverityText() {}

  private static void add(int number, String... names) {
    for (String name : names) {
      NUMBERS.put(name, number);
    }
  }

  /** 0 for a text that is no severity. */
  public static int number(String text) {
    return NUMBERS.getOrDefault(text.strip().toLowerCase(Locale.ROOT), 0);
  }
}
