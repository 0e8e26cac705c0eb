package dev.tocsin.ingest.ports;

import static java.util.stream.Collectors.joining;

import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Warning;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A request whose accepted items are all durable.
 *
 * @param accepted number of items
 * @param rejections items left out, by reason; empty for a full success
 * @param warnings what the sender should know besides
 */
public record ExportResult(
    int accepted, Map<Rejection, Integer> rejections, Set<Warning> warnings) {

  /** Number of items left out. */
  public int rejected() {
    return rejections.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * For the sender: what was wrong with how many, and the warnings; empty when there is nothing to
   * say. There are few reasons and few warnings, so it is under 1,500 characters.
   */
  public String message() {
    Stream<String> problems =
        rejections.entrySet().stream()
            .map(entry -> entry.getValue() + " with an invalid " + entry.getKey().problem());
    return Stream.concat(problems, warnings.stream().map(w -> "warning: " + w.text()))
        .collect(joining("; "));
  }
}
