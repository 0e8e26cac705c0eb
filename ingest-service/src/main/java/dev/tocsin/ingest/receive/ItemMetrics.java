package dev.tocsin.ingest.receive;

import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.otlp.wire.OtlpSplit;
import dev.tocsin.otlp.wire.Signal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts requests and items by signal, transport, key and reason, under our own names and under
 * those of an OpenTelemetry Collector, so that its dashboards work. Items of a body that cannot be
 * read are not known and not counted. Meters are made once and then found by one look-up a call.
 * Thread-safe.
 */
final class ItemMetrics {
  private static final String RECEIVER = "otlp";

  private final MeterRegistry registry;
  private final BoundedLabel keys;
  private final Map<Kind, Series> series = new ConcurrentHashMap<>();

  /**
   * @param keysMax how many keys are told apart; all others are {@code other}
   */
  ItemMetrics(MeterRegistry registry, int keysMax) {
    this.registry = registry;
    this.keys = new BoundedLabel(keysMax);
  }

  /** The meters of one kind of call. */
  Series of(String transport, Signal signal, String keyId) {
    return series.computeIfAbsent(
        new Kind(transport, signal, keys.of(keyId)), kind -> new Series(registry, kind));
  }

  private record Kind(String transport, Signal signal, String key) {
    String unit() {
      return switch (signal) {
        case TRACES -> "spans";
        case METRICS -> "metric.points";
        case LOGS -> "log.records";
        case PROFILES -> "profiles";
      };
    }
  }

  /** All meters of one transport, signal and key. */
  static final class Series {
    private final MeterRegistry registry;
    private final Kind kind;
    private final Counter accepted;
    private final Counter acceptedOfKey;
    private final Counter collectorAccepted;
    private final Counter succeeded;
    private final Counter collectorSucceeded;
    private final Map<String, Refused> refused = new ConcurrentHashMap<>();
    private final Map<String, Refused> failed = new ConcurrentHashMap<>();

    private Series(MeterRegistry registry, Kind kind) {
      this.registry = registry;
      this.kind = kind;
      this.accepted =
          registry.counter("otlp.accepted." + kind.unit(), "transport", kind.transport());
      this.acceptedOfKey = counter("otlp.items", "accepted", "");
      this.succeeded = counter("otlp.key.requests", "accepted", "");
      this.collectorAccepted = collector("accepted." + kind.unit());
      this.collectorSucceeded = collectorRequests("success");
    }

    /** Every item left is durable. */
    void accepted(OtlpSplit split) {
      accepted.increment(split.accepted());
      acceptedOfKey.increment(split.accepted());
      collectorAccepted.increment(split.accepted());
      rejected(split);
    }

    /** None is kept. */
    void refused(OtlpSplit split, Reason reason) {
      outcome(reason).items(split.accepted());
      rejected(split);
    }

    private void rejected(OtlpSplit split) {
      split.rejected().forEach((rejection, count) -> refusedBy(rejection.label()).items(count));
    }

    /** The call is over; its items, if known, are counted beside. */
    void succeeded() {
      succeeded.increment();
      collectorSucceeded.increment();
    }

    /** The call is over without success. */
    void ended(Reason reason) {
      Refused meters = outcome(reason);
      meters.requests.increment();
      meters.collectorRequests.increment();
    }

    /**
     * A defect of ours is a failure, all else is a refusal: Collectors make the same difference.
     */
    private Refused outcome(Reason reason) {
      return reason == Reason.INTERNAL
          ? failed.computeIfAbsent(reason.label(), label -> new Refused(this, "failed", label))
          : refusedBy(reason.label());
    }

    private Refused refusedBy(String reason) {
      return refused.computeIfAbsent(reason, label -> new Refused(this, "refused", label));
    }

    private Counter counter(String name, String outcome, String reason) {
      return registry.counter(
          name,
          "signal",
          kind.signal().label(),
          "transport",
          kind.transport(),
          "key",
          kind.key(),
          "outcome",
          outcome,
          "reason",
          reason);
    }

    private Counter collector(String name) {
      return registry.counter(
          "otelcol.receiver." + name, "receiver", RECEIVER, "transport", kind.transport());
    }

    private Counter collectorRequests(String outcome) {
      return registry.counter(
          "otelcol.receiver.requests",
          "receiver",
          RECEIVER,
          "transport",
          kind.transport(),
          "outcome",
          outcome);
    }
  }

  /** The meters of one reason not to accept. */
  private static final class Refused {
    private final Counter items;
    private final Counter itemsOfKey;
    private final Counter collectorItems;
    private final Counter requests;
    private final Counter collectorRequests;

    private Refused(Series series, String outcome, String reason) {
      Kind kind = series.kind;
      this.items =
          series.registry.counter(
              "otlp." + outcome + "." + kind.unit(),
              "transport",
              kind.transport(),
              "reason",
              reason);
      this.itemsOfKey = series.counter("otlp.items", outcome, reason);
      this.collectorItems = series.collector(outcome + "." + kind.unit());
      this.requests = series.counter("otlp.key.requests", outcome, reason);
      this.collectorRequests =
          series.collectorRequests(outcome.equals("failed") ? "failure" : outcome);
    }

    private void items(int count) {
      items.increment(count);
      itemsOfKey.increment(count);
      collectorItems.increment(count);
    }
  }
}
