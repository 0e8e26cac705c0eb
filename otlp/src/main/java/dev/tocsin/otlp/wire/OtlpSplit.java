package dev.tocsin.otlp.wire;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What became of a request.
 *
 * @param parts together hold every item that was kept, each once
 * @param rejected items left out, by reason; none for most requests
 * @param warnings for the sender; none for most requests
 */
public record OtlpSplit(
    List<OtlpPart> parts, Map<Rejection, Integer> rejected, Set<Warning> warnings) {

  /** Items that were kept. */
  public int accepted() {
    return parts.stream().mapToInt(OtlpPart::items).sum();
  }

  /** Items that were left out. */
  public int rejectedItems() {
    return rejected.values().stream().mapToInt(Integer::intValue).sum();
  }
}
