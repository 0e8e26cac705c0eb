package dev.tocsin.ingest.access;

import dev.tocsin.common.contract.AccessKeyRecord;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Whoever sends with one key, with what is left of the key's limits. Thread-safe. */
public final class Caller {
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

  private final String keyId;
  private final @Nullable AccessKeyRecord key;
  private final List<OriginPattern> origins = new ArrayList<>();
  private final Rate requests;
  private final Rate bytes;
  private final AtomicLong bytesInFlight = new AtomicLong();
  private final AtomicInteger callsInFlight = new AtomicInteger();

  private Caller(String keyId, @Nullable AccessKeyRecord key, long nowNanos) {
    this.keyId = keyId;
    this.key = key;
    var limits = key == null ? AccessKeyRecord.Limits.NONE : key.limits();
    this.requests =
        Rate.of(limits.requestsPerMinute(), MINUTE_NANOS, limits.requestBurst(), nowNanos);
    this.bytes = Rate.of(limits.bytesPerSecond(), SECOND_NANOS, limits.byteBurst(), nowNanos);
    if (key != null) {
      key.origins().forEach(origin -> origins.add(new OriginPattern(origin)));
    }
  }

  /**
   * @param keyId what metrics and logs call those who need no key, or have none that is known
   */
  static Caller without(String keyId) {
    return new Caller(keyId, null, 0);
  }

  static Caller with(AccessKeyRecord key, long nowNanos) {
    return new Caller(key.keyId(), key, nowNanos);
  }

  /** For metrics, logs and people; never the secret. */
  public String keyId() {
    return keyId;
  }

  @Nullable AccessKeyRecord key() {
    return key;
  }

  boolean mayComeFrom(String origin) {
    return origins.stream().anyMatch(pattern -> pattern.matches(origin));
  }

  void requireValid(Instant now) {
    if (key == null) {
      return;
    }
    if (key.revoked()) {
      throw new RefusedException(Reason.UNAUTHENTICATED, "API key " + keyId + " is revoked");
    }
    Instant end = key.expiresAt();
    if (end != null && !now.isBefore(end)) {
      throw new RefusedException(Reason.UNAUTHENTICATED, "API key " + keyId + " expired at " + end);
    }
  }

  /**
   * Lets one request of a signal in.
   *
   * @param origin of the web page that sends, if it is one
   * @throws RefusedException when the key may not send this, or not now
   */
  public void admit(Signal signal, @Nullable String origin, long nowNanos) {
    if (key == null) {
      return;
    }
    if (!key.scopes().contains(signal.label())) {
      throw new RefusedException(
          Reason.PERMISSION_DENIED,
          "API key "
              + keyId
              + " may not send "
              + signal.label()
              + " (expected: "
              + String.join(", ", key.scopes())
              + ")");
    }
    if (origin != null && !origins.isEmpty() && !mayComeFrom(origin)) {
      throw new RefusedException(
          Reason.PERMISSION_DENIED, "API key " + keyId + " may not be used by pages of " + origin);
    }
    // Bytes first: it takes nothing, so a refusal for bytes costs no request.
    refuseFor(bytes.untilPositive(nowNanos), key.limits().bytesPerSecond() + " bytes a second");
    refuseFor(requests.take(1, nowNanos), key.limits().requestsPerMinute() + " requests a minute");
  }

  private void refuseFor(long waitNanos, String limit) {
    if (waitNanos > 0) {
      // Rounded up: a client that comes back then finds the bucket filled.
      long waitMs = TimeUnit.NANOSECONDS.toMillis(waitNanos - 1) + 1;
      throw new RefusedException(
          Reason.RATE_LIMITED,
          "API key " + keyId + " is over its " + limit + "; try again in " + waitMs + " ms",
          waitMs);
    }
  }

  /** Counts bytes that have arrived, whatever became of them. */
  public void charge(long arrived, long nowNanos) {
    bytes.charge(arrived, nowNanos);
  }

  /** Bytes that requests of this caller hold now. */
  public AtomicLong bytesInFlight() {
    return bytesInFlight;
  }

  /** Requests of this caller being handled now. */
  public AtomicInteger callsInFlight() {
    return callsInFlight;
  }
}
