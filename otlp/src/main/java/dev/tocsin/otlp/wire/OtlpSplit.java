package dev.tocsin.otlp.wire;

import java.util.List;
import java.util.Map;

/**
 * What became of a request.
 *
 * @param parts together hold every item that was kept, each once
 * @param rejected items left out, by reason; none for most requests
 * @param firstCases of the reasons that are told by an example
 * @param warnings for the sender, with what is to be said of this request, which may be nothing;
 *     none for most requests
 */
public record OtlpSplit(
    List<OtlpPart> parts,
    Map<Rejection, Integer> rejected,
    Map<Rejection, FirstCase> firstCases,
    Map<Warning, String> warnings) {

  /** Items that were kept. */
  public int accepted() {
    return parts.stream().mapToInt(OtlpPart::items).sum();
  }

  /** Items that were left out. */
  public int rejectedItems() {
    return rejected.values().stream().mapToInt(Integer::intValue).sum();
  }
}
