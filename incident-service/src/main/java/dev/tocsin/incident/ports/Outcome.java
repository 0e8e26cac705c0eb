package dev.tocsin.incident.ports;

import java.time.Duration;
import java.util.Locale;

/** How a delivery went, judged where it is known. Details may be shown: they hold no secret. */
public sealed interface Outcome {

  /** Why a delivery did not succeed; a closed set, used as metric label. */
  enum Reason {
    /** The provider asked to slow down. */
    RATE_LIMITED,
    /** The provider says it failed: HTTP 5xx, SMTP 4xx. */
    PROVIDER_ERROR,
    /** No answer in time. */
    TIMEOUT,
    /** No connection, or it broke. */
    NETWORK,
    /** The provider will never accept this message. */
    REJECTED,
    /** Our credentials or the destination are not accepted. */
    UNAUTHORIZED,
    /** The outbound guard refused the address. */
    REFUSED_ADDRESS,
    /** A defect of ours. */
    INTERNAL,
    /** Held back by our own token bucket. */
    THROTTLED,
    /** Held back by our own circuit breaker. */
    CIRCUIT_OPEN,
    /** Not needed any more. */
    SUPERSEDED,
    /** Too old after many attempts. */
    EXPIRED;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The provider has it. */
  record Accepted(String detail) implements Outcome {}

  /**
   * Worth another attempt.
   *
   * @param after not before this wait, as the provider asked; zero for no wish
   */
  record Retry(Reason reason, String detail, Duration after) implements Outcome {
    public Retry(Reason reason, String detail) {
      this(reason, detail, Duration.ZERO);
    }
  }

  /**
   * Will fail again the same way.
   *
   * @param doubtful whether it may be the word of somebody in between, such as a captive proxy:
   *     then it is believed only when it is still so after a while
   */
  record Rejected(Reason reason, String detail, boolean doubtful) implements Outcome {
    public Rejected(Reason reason, String detail) {
      this(reason, detail, false);
    }
  }

  /** Nothing was sent; does not count as an attempt. */
  record Deferred(Reason reason, Duration delay) implements Outcome {}
}
