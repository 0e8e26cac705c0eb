package dev.tocsin.incident.notify.slack;

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
 * Section {@code [slack]}.
 *
 * @param webhookUrl of an incoming webhook; whoever knows it may post
 */
public record SlackConfig(Secret webhookUrl) {

  /** Empty when no webhook is configured. */
  public static Optional<SlackConfig> from(Settings settings) {
    Section slack = settings.section("slack");
    return slack
        .secret("webhook_url")
        .flatMap(
            secret -> {
              if (!Destinations.isUrl(secret.reveal())) {
                slack.problem("webhook_url", "***", "a URL such as https://hooks.slack.com/...");
                return Optional.empty();
              }
              return Optional.of(new SlackConfig(secret));
            });
  }

  public Notifier notifier(OutboundHttp http, InstantSource clock) {
    return new SlackNotifier(URI.create(webhookUrl.reveal()), http, clock);
  }
}
