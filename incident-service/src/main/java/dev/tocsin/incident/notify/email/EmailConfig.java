package dev.tocsin.incident.notify.email;

import dev.tocsin.common.config.Secret;
import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.incident.ports.Notifier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.StartTLSOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Section {@code [email]}.
 *
 * @param from address, plain
 * @param to each gets a mail of its own, delivered and retried by itself
 */
public record EmailConfig(
    String smtpHost,
    int smtpPort,
    String from,
    List<String> to,
    Optional<String> username,
    Optional<Secret> password,
    StartTls starttls,
    boolean tls) {
  private static final Pattern ADDRESS = Pattern.compile("[^\\s@<>,;]+@[^\\s@<>,;]+");
  private static final int RECIPIENTS_MAX = 50;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Whether the connection must turn to TLS. */
  public enum StartTls {
    DISABLED,
    OPTIONAL,
    REQUIRED
  }

  /** Empty when no SMTP host is configured. */
  public static Optional<EmailConfig> from(Settings settings) {
    Section email = settings.section("email");
    Optional<String> host = email.string("smtp_host");
    Optional<String> username = email.string("username");
    EmailConfig config =
        new EmailConfig(
            host.orElse(""),
            email.port("smtp_port", 587),
            email.string("from", "tocsin@localhost"),
            email.strings("to", List.of()),
            username,
            email.secret("password"),
            email.choice(
                "starttls",
                StartTls.class,
                username.isPresent() ? StartTls.REQUIRED : StartTls.OPTIONAL),
            email.bool("tls", false));
    if (host.isEmpty()) {
      return Optional.empty();
    }
    if (config.to.isEmpty() || config.to.size() > RECIPIENTS_MAX) {
      email.problem("to", config.to.toString(), "1-" + RECIPIENTS_MAX + " addresses");
    }
    for (String address : config.to) {
      if (!ADDRESS.matcher(address).matches()) {
        email.problem("to", address, "addresses such as oncall@example.com");
      }
    }
    if (!ADDRESS.matcher(config.from).matches()) {
      email.problem("from", config.from, "an address such as tocsin@example.com");
    }
    if (username.isPresent() && config.password.isEmpty()) {
      email.problem("password", "not set", "the password of " + username.get());
    }
    if (username.isPresent() && config.starttls != StartTls.REQUIRED && !config.tls) {
      email.problem("starttls", "not required", "required, or tls = true, when a password is sent");
    }
    return Optional.of(config);
  }

  /** A notifier that holds nothing between two mails. */
  public Notifier notifier(Vertx vertx) {
    return notifier(vertx, TIMEOUT);
  }

  Notifier notifier(Vertx vertx, Duration timeout) {
    return new EmailNotifier(
        from,
        mail ->
            SmtpSession.send(vertx, mailConfig(), mail, timeout)
                .recover(
                    failure ->
                        mayGoWithoutTls(failure)
                            ? SmtpSession.send(
                                vertx,
                                mailConfig().setStarttls(StartTLSOptions.DISABLED),
                                mail,
                                timeout)
                            : Future.failedFuture(failure)));
  }

  /** Optional means that a server without TLS gets the mail too, whatever it had offered. */
  private boolean mayGoWithoutTls(Throwable failure) {
    return failure instanceof StartTlsRefusedException && starttls == StartTls.OPTIONAL;
  }

  /** A connection a mail: pages are rare, and a stale pooled connection would cost an attempt. */
  MailConfig mailConfig() {
    MailConfig mail =
        new MailConfig()
            .setHostname(smtpHost)
            .setPort(smtpPort)
            .setSsl(tls)
            .setStarttls(StartTLSOptions.valueOf(starttls.name()))
            .setLogin(username.isPresent() ? LoginOption.REQUIRED : LoginOption.DISABLED)
            .setKeepAlive(false)
            .setPipelining(false)
            .setMaxPoolSize(1)
            .setOwnHostname(from.substring(from.indexOf('@') + 1))
            .setUserAgent("tocsin");
    mail.setConnectTimeout(5_000);
    mail.setIdleTimeout(15);
    username.ifPresent(mail::setUsername);
    password.ifPresent(secret -> mail.setPassword(secret.reveal()));
    return mail;
  }
}
