package dev.tocsin.ingest;

import static java.util.stream.Collectors.joining;

import dev.tocsin.common.otlp.Rejection;
import java.util.Map;

/**
 * A request whose accepted items are all durable.
 *
 * @param accepted number of items
 * @param rejections items left out, by reason; empty for a full success
 */
public record ExportResult(int accepted, Map<Rejection, Integer> rejections) {

  /** Number of items left out. */
  public int rejected() {
    return rejections.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** For the sender: what was wrong with how many; empty for a full success. */
  public String message() {
    return rejections.entrySet().stream()
        .map(entry -> entry.getValue() + " with an invalid " + entry.getKey().problem())
        .collect(joining("; "));
  }
}
