package dev.tocsin.incident.service;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.http.OutboundGuard;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.notify.email.EmailConfig;
import dev.tocsin.incident.notify.pagerduty.PagerDutyConfig;
import dev.tocsin.incident.notify.slack.SlackConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything incident-service is told.
 *
 * @param policy of incidents opened from now on
 * @param sendTimeout of one HTTP delivery
 * @param lease after which an unsettled delivery is tried again; longer than any delivery takes
 * @param giveUpAfter age at which a notification that keeps failing is dead
 * @param eventIdsKept how long a repeated alert event is recognised
 * @param incidentsKept how long a resolved incident is kept
 * @param allowHosts hosts notifications may reach inside the network and without TLS
 */
public record IncidentConfig(
    Listen listen,
    KafkaSettings kafka,
    PostgresSettings postgres,
    EscalationPolicy policy,
    Duration sendTimeout,
    Duration lease,
    Duration giveUpAfter,
    Duration eventIdsKept,
    Duration incidentsKept,
    Optional<SlackConfig> slack,
    Optional<EmailConfig> email,
    Optional<PagerDutyConfig> pagerduty,
    List<String> allowHosts) {
  private static final int STEPS_MAX = 50;

  /** Longer than the slowest notifier's own time-out (30 s for email). */
  private static final Duration LEASE_MIN = Duration.ofSeconds(35);

  public static IncidentConfig from(Settings settings) {
    Optional<SlackConfig> slack = SlackConfig.from(settings);
    Optional<EmailConfig> email = EmailConfig.from(settings);
    Optional<PagerDutyConfig> pagerduty = PagerDutyConfig.from(settings);
    List<String> channels = new ArrayList<>();
    slack.ifPresent(configured -> channels.add("slack"));
    email.ifPresent(configured -> channels.add("email"));
    pagerduty.ifPresent(configured -> channels.add("pagerduty"));
    Section incident = settings.section("incident");
    Duration lease = incident.duration("lease", Duration.ofMinutes(1));
    if (lease.compareTo(LEASE_MIN) < 0) {
      incident.problem("lease", lease.toMillis() + "ms", "at least " + LEASE_MIN.toSeconds() + "s");
    }
    Duration sendTimeout = incident.duration("send_timeout", Duration.ofSeconds(15));
    if (sendTimeout.isZero() || sendTimeout.multipliedBy(2).compareTo(lease) > 0) {
      incident.problem(
          "send_timeout", sendTimeout.toMillis() + "ms", "more than 0 and at most half the lease");
    }
    return new IncidentConfig(
        Listen.from(settings, "incident", "port", 8084),
        KafkaSettings.from(settings),
        PostgresSettings.from(settings),
        policy(incident, channels),
        sendTimeout,
        lease,
        incident.duration("give_up_after", Duration.ofHours(24)),
        incident.duration("event_ids_kept", Duration.ofDays(7)),
        incident.duration("incidents_kept", Duration.ofDays(365)),
        slack,
        email,
        pagerduty,
        settings.section("outbound").strings("allow_hosts", List.of()));
  }

  /** As {@link #from}; also tells of destinations that no notification would be sent to. */
  public static IncidentConfig checked(Settings settings) {
    IncidentConfig config = from(settings);
    config.slack.ifPresent(
        slack ->
            config.checkDestination(
                settings.section("slack"), "webhook_url", URI.create(slack.webhookUrl().reveal())));
    config.pagerduty.ifPresent(
        pagerduty ->
            config.checkDestination(
                settings.section("pagerduty"), "endpoint", pagerduty.endpoint()));
    return config;
  }

  private void checkDestination(Section section, String key, URI url) {
    OutboundGuard.expectation(url, allowHosts)
        .ifPresent(expected -> section.problem(key, OutboundGuard.shown(url), expected));
  }

  /** The steps as written; without any, one a configured channel. */
  private static EscalationPolicy policy(Section incident, List<String> channels) {
    Duration timeout = incident.duration("escalation_timeout", Duration.ofMinutes(5));
    List<Section> tables = incident.tables("step");
    if (tables.isEmpty()) {
      return EscalationPolicy.climbing(channels, timeout);
    }
    if (tables.size() > STEPS_MAX) {
      incident.problem("step", tables.size() + " tables", "at most " + STEPS_MAX);
    }
    List<EscalationPolicy.Step> steps = new ArrayList<>();
    for (Section table : tables) {
      List<String> named = table.strings("channels", List.of());
      if (named.isEmpty() || !channels.containsAll(named)) {
        String known = channels.isEmpty() ? "none is configured" : String.join(", ", channels);
        table.problem("channels", named.toString(), "configured channels: " + known);
      }
      Duration delay = table.duration("delay", steps.isEmpty() ? Duration.ZERO : timeout);
      steps.add(new EscalationPolicy.Step(named.stream().distinct().toList(), delay));
    }
    return new EscalationPolicy(steps);
  }
}
