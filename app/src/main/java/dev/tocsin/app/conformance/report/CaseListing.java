package dev.tocsin.app.conformance.report;

import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.check.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The list of all cases in Markdown; {@code docs/conformance.md} holds it. */
public final class CaseListing {
  private CaseListing() {}

  /**
   * @param areas cases by area
   * @param notObservable items that no case shows, with the reason
   */
  public static String markdown(
      Map<String, List<ConformanceCase>> areas, Map<String, String> notObservable) {
    StringBuilder text = new StringBuilder();
    areas.forEach((area, cases) -> append(text, area, cases));
    text.append("## What no case shows\n\n| item | because |\n|---|---|\n");
    notObservable.forEach(
        (item, why) -> text.append("| ").append(item).append(" | ").append(why).append(" |\n"));
    return text.toString();
  }

  private static void append(StringBuilder text, String area, List<ConformanceCase> cases) {
    text.append("## ").append(area).append("\n\n");
    text.append("| item | level | case | what is expected | tried over | specification |\n");
    text.append("|---|---|---|---|---|---|\n");
    Map<String, List<ConformanceCase>> rows = new LinkedHashMap<>();
    for (ConformanceCase one : cases) {
      String row =
          "| %s | %s | `%s`%s | %s |"
              .formatted(
                  one.item(), one.level(), one.name(), one.large() ? " (large)" : "", one.title());
      rows.computeIfAbsent(row, key -> new ArrayList<>()).add(one);
    }
    rows.forEach(
        (row, same) ->
            text.append(row)
                .append(' ')
                .append(lanes(same))
                .append(" | ")
                .append(
                    same.stream()
                        .map(ConformanceCase::section)
                        .distinct()
                        .collect(Collectors.joining("; ")))
                .append(" |\n"));
    text.append('\n');
  }

  /** Lanes are always some wires times some signals. */
  private static String lanes(List<ConformanceCase> cases) {
    Set<Transport> wires =
        cases.stream().map(one -> one.lane().wire()).collect(Collectors.toCollection(TreeSet::new));
    Set<Telemetry> signals =
        cases.stream()
            .map(one -> one.lane().signal())
            .collect(Collectors.toCollection(TreeSet::new));
    String over =
        wires.size() == Transport.values().length
            ? "all"
            : wires.stream().map(Transport::label).collect(Collectors.joining(", "));
    String of =
        signals.size() == Telemetry.values().length
            ? "all signals"
            : signals.stream().map(Telemetry::label).collect(Collectors.joining(", "));
    return over + ": " + of;
  }
}
