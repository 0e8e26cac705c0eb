package dev.tocsin.ingest.limits;

import dev.tocsin.common.contract.StorageLimitsRecord;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.SeriesLabelLimit;
import dev.tocsin.otlp.wire.ItemLimits;
import dev.tocsin.otlp.wire.Signal;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What storage takes now, as far as is known: while nothing is, everything passes, for an older
 * storage says nothing and a topic may be read by somebody else. Thread-safe.
 */
public final class StorageLimits {
  private final InstantSource clock;
  private final IdentifyingAttributes identifying;
  private volatile @Nullable StorageLimitsRecord known;

  /**
   * @param identifying attributes that storage names series by
   */
  public StorageLimits(InstantSource clock, IdentifyingAttributes identifying) {
    this.clock = clock;
    this.identifying = identifying;
  }

  /** Replaces what is known; null when nothing is any more. */
  public void set(@Nullable StorageLimitsRecord limits) {
    known = limits;
  }

  boolean isKnown() {
    return known != null;
  }

  /** By what items that arrive at this moment are judged. */
  public ItemLimits now(Signal signal) {
    StorageLimitsRecord limits = known;
    if (limits == null) {
      return ItemLimits.NONE;
    }
    return switch (signal) {
      case TRACES -> ItemLimits.around(clock.instant(), limits.traces(), limits.ahead());
      case LOGS -> ItemLimits.around(clock.instant(), limits.logs(), limits.ahead());
      case METRICS ->
          ItemLimits.around(clock.instant(), limits.metrics(), limits.ahead())
              .with(
                  new SeriesLabelLimit(
                      limits.labelCharsMax(), limits.metricNameCharsMax(), identifying));
      // No storage takes them yet.
      case PROFILES -> ItemLimits.NONE;
    };
  }
}
