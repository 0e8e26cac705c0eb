package dev.tocsin.app.conformance.cases;

import dev.tocsin.app.conformance.check.ConformanceCase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All cases, by area, and what none of them can show. */
public final class CaseSuite {
  private CaseSuite() {}

  /** The areas in the order they are tried; what may hurt the receiver comes last. */
  public static Map<String, List<ConformanceCase>> areas() {
    Map<String, List<ConformanceCase>> areas = new LinkedHashMap<>();
    areas.put("Transport", TransportCases.cases());
    areas.put("gRPC", GrpcCases.cases());
    areas.put("HTTP errors", HttpErrorCases.cases());
    areas.put("JSON", JsonCases.cases());
    areas.put("Items", ItemCases.cases());
    areas.put("Encodings", EncodingCases.cases());
    areas.put("Limits", LimitCases.cases());
    areas.put("Security", SecurityCases.cases());
    return areas;
  }

  public static List<ConformanceCase> all() {
    return areas().values().stream().flatMap(List::stream).toList();
  }

  /** Items of the checklist that no case shows, with the reason. */
  public static Map<String, String> notObservable() {
    Map<String, String> items = new LinkedHashMap<>();
    items.put("O-7", "a warning without a text equals none: see O-5/empty-response");
    items.put("O-10", "duplicates after a lost acknowledgement show in the storage only");
    items.put("O-12", "UNAVAILABLE needs an overload or a fault behind the receiver");
    items.put("O-16", "needs a fault behind the receiver");
    items.put("O-25", "429 or 503 need an overload, which depends on the receiver's size");
    items.put("O-27", "gRPC and HTTP on one port are a choice; give both options the same address");
    items.put("O-35", "enum names and snake_case are forbidden to senders; receivers may choose");
    items.put("O-41", "resets and overlaps show in the storage only");
    items.put("O-42", "duplicate attribute keys are undefined; receivers may choose");
    items.put("O-45", "profiles are an alpha: 404 and UNIMPLEMENTED skip their cases");
    items.put("O-77", "see O-3: the answers to these cases; others depend on the receiver");
    items.put("O-78", "concerns clients");
    items.put("O-79", "concerns the receiver's configuration");
    items.put(
        "O-80", "floods of HTTP/2 frames (rapid reset, CONTINUATION) are left to HTTP/2 suites");
    return items;
  }
}
