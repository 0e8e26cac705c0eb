package dev.tocsin.storage.fanout;

import dev.tocsin.storage.ports.SpanMark;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.HashSet;
import java.util.Set;

/** Lets every span of one trace through once, whichever database it comes from. Thread-safe. */
final class UnseenSpans {
  private final Set<SpanMark> seen = new HashSet<>();

  synchronized long count() {
    return seen.size();
  }

  /** What of a chunk is new; possibly nothing. */
  synchronized TracesData of(TracesData chunk) {
    TracesData.Builder fresh = TracesData.newBuilder();
    for (ResourceSpans resource : chunk.getResourceSpansList()) {
      ResourceSpans.Builder scopes = resource.toBuilder().clearScopeSpans();
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        long origin = SpanMark.origin(resource, scope);
        ScopeSpans.Builder spans = scope.toBuilder().clearSpans();
        for (Span span : scope.getSpansList()) {
          if (seen.add(SpanMark.of(origin, span))) {
            spans.addSpans(span);
          }
        }
        if (spans.getSpansCount() > 0) {
          scopes.addScopeSpans(spans);
        }
      }
      if (scopes.getScopeSpansCount() > 0) {
        fresh.addResourceSpans(scopes);
      }
    }
    return fresh.build();
  }
}
