package dev.tocsin.incident.notify.pagerduty;

import dev.tocsin.common.config.Secret;
import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.OutboundHttp;
import dev.tocsin.incident.notify.Destinations;
import dev.tocsin.incident.ports.Notifier;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Section {@code [pagerduty]}.
 *
 * @param routingKey integration key of an Events API v2 integration
 */
public record PagerDutyConfig(Secret routingKey, URI endpoint) {
  private static final String ENDPOINT = "https://events.pagerduty.com/v2/enqueue";

  /** Empty when no routing key is configured. */
  public static Optional<PagerDutyConfig> from(Settings settings) {
    Section pagerduty = settings.section("pagerduty");
    String endpoint = pagerduty.string("endpoint", ENDPOINT);
    if (!Destinations.isUrl(endpoint)) {
      pagerduty.problem("endpoint", endpoint, "a URL such as " + ENDPOINT);
      endpoint = ENDPOINT;
    }
    URI url = URI.create(endpoint);
    return pagerduty.secret("routing_key").map(key -> new PagerDutyConfig(key, url));
  }

  public Notifier notifier(OutboundHttp http, InstantSource clock) {
    return new PagerDutyNotifier(this, http, clock);
  }
}
