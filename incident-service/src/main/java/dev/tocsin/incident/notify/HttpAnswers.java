package dev.tocsin.incident.notify;

import dev.tocsin.common.http.OutboundGuard;
import dev.tocsin.common.http.OutboundHttp;
import dev.tocsin.incident.ports.Outcome;
import dev.tocsin.incident.ports.Outcome.Reason;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What HTTP answers and failures mean for a delivery, the same for every provider. */
public final class HttpAnswers {
  private static final int DETAIL_CHARS_MAX = 200;

  private HttpAnswers() {}

  /**
   * 2xx is success; 408, 429 and 5xx are worth another attempt; all else is final. But a redirect,
   * a 1xx and a 400 are what somebody in between answers who does not know the destination.
   */
  public static Outcome outcome(OutboundHttp.Answer answer, InstantSource clock) {
    int status = answer.status();
    String detail = "HTTP " + status + " " + line(answer.body().toString(StandardCharsets.UTF_8));
    if (status >= 200 && status < 300) {
      return new Outcome.Accepted(detail.strip());
    }
    Duration after = retryAfter(answer.retryAfter(), clock.instant());
    if (status == 429) {
      return new Outcome.Retry(Reason.RATE_LIMITED, detail, after);
    }
    if (status == 408 || status >= 500) {
      return new Outcome.Retry(Reason.PROVIDER_ERROR, detail, after);
    }
    if (status >= 300 && status < 400) {
      return new Outcome.Rejected(
          Reason.REJECTED, "HTTP " + status + " (expected: 2xx; redirects are not followed)", true);
    }
    boolean credentials = status == 401 || status == 403;
    boolean doubtful = status < 200 || status == 400;
    return new Outcome.Rejected(
        credentials ? Reason.UNAUTHORIZED : Reason.REJECTED, detail, doubtful);
  }

  /** A failure to get any answer. */
  public static Outcome failure(Throwable failure) {
    if (failure instanceof OutboundGuard.RefusedException) {
      return new Outcome.Rejected(Reason.REFUSED_ADDRESS, String.valueOf(failure.getMessage()));
    }
    if (failure instanceof TimeoutException) {
      return new Outcome.Retry(Reason.TIMEOUT, "no answer in time");
    }
    String detail =
        failure instanceof UnknownHostException
            ? "the host name does not resolve"
            : line(failure.getClass().getSimpleName() + ": " + failure.getMessage());
    return new Outcome.Retry(Reason.NETWORK, detail);
  }

  /** Seconds or an HTTP date; zero for nothing usable. */
  static Duration retryAfter(@Nullable String header, Instant now) {
    if (header == null) {
      return Duration.ZERO;
    }
    try {
      if (header.strip().matches("\\d{1,9}")) {
        return Duration.ofSeconds(Long.parseLong(header.strip()));
      }
      Instant until =
          ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    } catch (DateTimeParseException e) {
      return Duration.ZERO;
    }
  }

  private static String line(String text) {
    String flat = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return flat.length() <= DETAIL_CHARS_MAX ? flat : flat.substring(0, DETAIL_CHARS_MAX);
  }
}
