package dev.tocsin.ingest.receive;

import dev.tocsin.common.telemetry.RequestMetrics;
import dev.tocsin.ingest.access.Caller;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.FirstCase;
import dev.tocsin.otlp.wire.OtlpSplit;
import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Warning;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is counted and noted of one call; used by its event loop only. */
final class CallLog {
  private final Book book;
  private final Payload payload;
  private final @Nullable String userAgent;
  private final RequestMetrics.InFlight measured;
  private String keyId;
  private int refusedItems;
  private @Nullable Reason end;

  private CallLog(Book book, Payload payload, @Nullable String userAgent, Caller unknown) {
    this.book = book;
    this.payload = payload;
    this.userAgent = userAgent;
    this.measured = book.requests.begin(payload.transport(), payload.signal().label());
    this.keyId = unknown.keyId();
  }

  /** Where calls are noted; one for all receivers, thread-safe. */
  static final class Book {
    /** How many keys, and how many user agents, metrics and rejections tell apart. */
    static final int LABELS_MAX = 200;

    private final RequestMetrics requests;
    private final Rejections rejections;
    private final UnstorableWatch unstorable;
    private final MeterRegistry registry;
    private final ItemMetrics items;
    private final SdkMetrics sdks;

    Book(
        RequestMetrics requests,
        Rejections rejections,
        UnstorableWatch unstorable,
        MeterRegistry registry) {
      this.requests = requests;
      this.rejections = rejections;
      this.unstorable = unstorable;
      this.registry = registry;
      this.items = new ItemMetrics(registry, LABELS_MAX);
      this.sdks = new SdkMetrics(registry, LABELS_MAX);
    }

    /**
     * @param unknown stands for the sender until he has said who he is
     */
    CallLog open(Payload payload, @Nullable String userAgent, Caller unknown) {
      return new CallLog(this, payload, userAgent, unknown);
    }
  }

  /** Says who sent the call. Only then is his user agent counted: strangers can make any up. */
  void from(Caller caller) {
    keyId = caller.keyId();
    book.sdks.count(userAgent);
  }

  private ItemMetrics.Series series() {
    return book.items.of(payload.transport(), payload.signal(), keyId);
  }

  /** The items left are durable. */
  void accepted(OtlpSplit split) {
    series().accepted(split);
    split.rejected().forEach((rejection, count) -> rejected(rejection, count, split.firstCases()));
    split.warnings().keySet().forEach(this::warned);
  }

  private void rejected(Rejection rejection, int count, Map<Rejection, FirstCase> firstCases) {
    FirstCase first = firstCases.get(rejection);
    String message = "items with an invalid " + rejection.problem();
    String service = "";
    String example = "";
    if (first != null) {
      message += " (expected: " + first.expected() + "): " + first.cause();
      service = first.service();
      example = first.example();
      String sender = "key " + keyId + ", " + (userAgent == null ? "no user agent" : userAgent);
      book.unstorable.saw(payload.signal(), rejection, count, first, sender);
    }
    Rejections.Cause cause =
        Rejections.Cause.of(payload, rejection.label(), message, userAgent, service);
    book.rejections.add(keyId, cause, example, count);
  }

  private void warned(Warning warning) {
    book.registry
        .counter("otlp.warnings", "signal", payload.signal().label(), "warning", warning.label())
        .increment();
  }

  /** None of the items is kept. */
  void refused(OtlpSplit split, Reason reason) {
    refusedItems = split.accepted();
    series().refused(split, reason);
  }

  /** The call is over, with success. */
  void succeeded() {
    measured.end("");
    series().succeeded();
  }

  /** Why the call is over without success; null while it is not. */
  @Nullable Reason end() {
    return end;
  }

  /** The call is over, without success. */
  void ended(RefusedException refusal) {
    end = refusal.reason();
    String reason = refusal.reason().label();
    measured.end(reason);
    series().ended(refusal.reason());
    book.rejections.add(
        keyId,
        Rejections.Cause.of(payload, reason, refusal.getMessage(), userAgent, ""),
        "",
        refusedItems);
  }
}
