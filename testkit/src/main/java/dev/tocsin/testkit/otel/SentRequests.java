package dev.tocsin.testkit.otel;

import java.util.Base64;
import java.util.List;

/**
 * What a program has exported, as its SDK encoded it: OTLP export requests in protobuf, by signal.
 *
 * @param tracesJson the requests of {@code traces} as the SDK writes OTLP/JSON, where it can
 */
public record SentRequests(
    List<byte[]> traces, List<byte[]> metrics, List<byte[]> logs, List<String> tracesJson) {

  /** From lines {@code SIGNAL BASE64} and lines of JSON; others are ignored. */
  static SentRequests parse(List<String> lines) {
    return new SentRequests(
        requests("traces ", lines),
        requests("metrics ", lines),
        requests("logs ", lines),
        lines.stream().filter(line -> line.startsWith("{\"resourceSpans\"")).toList());
  }

  private static List<byte[]> requests(String prefix, List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> Base64.getDecoder().decode(line.substring(prefix.length())))
        .toList();
  }
}
