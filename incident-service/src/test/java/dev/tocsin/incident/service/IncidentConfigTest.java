package dev.tocsin.incident.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.EscalationPolicy.Step;
import dev.tocsin.incident.notify.email.EmailConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncidentConfigTest {
  @TempDir Path directory;

  private static final Map<String, String> ALL_CHANNELS =
      Map.of(
          "slack.webhook_url", "https://hooks.slack.com/services/T0/B0/secret",
          "email.smtp_host", "mail.example.com",
          "email.to", "oncall@example.com",
          "pagerduty.routing_key", "0123456789abcdef0123456789abcdef");

  @Test
  void defaults_arePinned() {
    Settings settings = Settings.of(Map.of());
    IncidentConfig config = IncidentConfig.from(settings);
    settings.verify();
    assertThat(config.listen().toString()).isEqualTo("127.0.0.1:8084");
    assertThat(config.policy().steps()).isEmpty();
    assertThat(config.sendTimeout()).isEqualTo(Duration.ofSeconds(15));
    assertThat(config.lease()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.giveUpAfter()).isEqualTo(Duration.ofHours(24));
    assertThat(config.eventIdsKept()).isEqualTo(Duration.ofDays(7));
    assertThat(config.incidentsKept()).isEqualTo(Duration.ofDays(365));
    assertThat(config.slack()).isEmpty();
    assertThat(config.email()).isEmpty();
    assertThat(config.pagerduty()).isEmpty();
    assertThat(config.allowHosts()).isEmpty();
    assertThat(settings.declared())
        .containsEntry("incident.escalation_timeout", "300s")
        .containsEntry("email.smtp_port", "587")
        .containsEntry("email.starttls", "optional")
        .containsEntry("email.tls", "false")
        .containsEntry("email.from", "tocsin@localhost")
        .containsEntry("pagerduty.endpoint", "https://events.pagerduty.com/v2/enqueue");
  }

  @Test
  void policy_isOneStepAChannel_whenNoneIsWritten() {
    IncidentConfig config = IncidentConfig.from(Settings.of(ALL_CHANNELS));
    assertThat(config.policy())
        .isEqualTo(
            new EscalationPolicy(
                List.of(
                    new Step(List.of("slack"), Duration.ZERO),
                    new Step(List.of("email"), Duration.ofMinutes(5)),
                    new Step(List.of("pagerduty"), Duration.ofMinutes(5)))));
    assertThat(config.toString()).doesNotContain("secret").doesNotContain("0123456789abcdef");
  }

  @Test
  void policy_isReadFromTables() throws Exception {
    Path file = directory.resolve("tocsin.toml");
    Files.writeString(
        file,
        """
        [incident]
        escalation_timeout = "60s"
        [[incident.step]]
        channels = ["slack", "email"]
        [[incident.step]]
        channels = ["pagerduty"]
        [[incident.step]]
        channels = ["slack"]
        delay = "300s"
        """);
    Settings settings = Settings.load(file, Map.of(), ALL_CHANNELS);
    IncidentConfig config = IncidentConfig.from(settings);
    settings.verify();
    assertThat(config.policy().steps())
        .containsExactly(
            new Step(List.of("slack", "email"), Duration.ZERO),
            new Step(List.of("pagerduty"), Duration.ofMinutes(1)),
            new Step(List.of("slack"), Duration.ofMinutes(5)));
  }

  @Test
  void step_isRefused_whenItsChannelIsNotConfigured() throws Exception {
    Path file = directory.resolve("tocsin.toml");
    Files.writeString(file, "[[incident.step]]\nchannels = [\"sms\"]\n");
    Settings settings = Settings.load(file, Map.of(), ALL_CHANNELS);
    IncidentConfig.from(settings);
    assertThatThrownBy(settings::verify)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "incident.step[0].channels: [sms] (expected: configured channels: slack, email,"
                + " pagerduty)");
  }

  @Test
  void badValues_areNamedTogether_withoutSecrets() {
    Map<String, String> bad = new HashMap<>(ALL_CHANNELS);
    bad.put("slack.webhook_url", "hooks.slack.com/services/secret");
    bad.put("email.to", "nobody");
    bad.put("email.from", "Evil\r\nBcc: x@y");
    bad.put("incident.lease", "1s");
    Settings settings = Settings.of(bad);
    IncidentConfig.from(settings);
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("slack.webhook_url: *** (expected:")
        .hasMessageContaining("email.to: nobody (expected:")
        .hasMessageContaining("email.from: ")
        .hasMessageContaining("incident.lease: 1000ms (expected: at least 35s)")
        .hasMessageNotContaining("secret");
  }

  @Test
  void starttls_isRequired_whenAPasswordIsSent() {
    Map<String, String> login = new HashMap<>(ALL_CHANNELS);
    login.put("email.username", "tocsin");
    login.put("email.password", "hunter2");
    assertThat(IncidentConfig.from(Settings.of(login)).email().orElseThrow().starttls())
        .isEqualTo(EmailConfig.StartTls.REQUIRED);
    login.put("email.starttls", "optional");
    Settings settings = Settings.of(login);
    IncidentConfig.from(settings);
    assertThatThrownBy(settings::verify).hasMessageContaining("email.starttls: not required");
  }
}
