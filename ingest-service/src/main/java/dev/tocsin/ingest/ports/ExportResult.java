package dev.tocsin.ingest.ports;

import static java.util.stream.Collectors.joining;

import dev.tocsin.otlp.wire.FirstCase;
import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Warning;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A request whose accepted items are all durable.
 *
 * @param accepted number of items
 * @param rejections items left out, by reason; empty for a full success
 * @param firstCases of the reasons that are told by an example
 * @param warnings what the sender should know besides, each with what is to be said of this request
 */
public record ExportResult(
    int accepted,
    Map<Rejection, Integer> rejections,
    Map<Rejection, FirstCase> firstCases,
    Map<Warning, String> warnings) {

  /** Number of items left out. */
  public int rejected() {
    return rejections.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * For the sender: what was wrong with how many, and the warnings; empty when there is nothing to
   * say. There are few reasons and few warnings, and what is quoted is cut, so it is under 4,000
   * characters.
   */
  public String message() {
    Stream<String> problems =
        rejections.entrySet().stream()
            .map(
                entry ->
                    entry.getValue()
                        + " with an invalid "
                        + entry.getKey().problem()
                        + detail(entry.getKey()));
    Stream<String> remarks =
        warnings.entrySet().stream()
            .map(
                entry ->
                    "warning: "
                        + entry.getKey().text()
                        + (entry.getValue().isEmpty() ? "" : ": " + entry.getValue()));
    return Stream.concat(problems, remarks).collect(joining("; "));
  }

  private String detail(Rejection rejection) {
    FirstCase first = firstCases.get(rejection);
    return first == null
        ? ""
        : " (expected: "
            + first.expected()
            + "): "
            + first.cause()
            + "; the first is "
            + first.example();
  }
}
