package dev.tocsin.incident.notify.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.Secret;
import dev.tocsin.incident.Messages;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Outcome;
import dev.tocsin.incident.ports.Outcome.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SelfSignedCertificate;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.MailResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that never ends what it says costs an attempt, not the process. */
class SmtpSessionTest {
  /** What the kernels of both sides may hold, and some; far less than the server would say. */
  private static final long TAKEN_MAX = 16 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static SelfSignedCertificate localhost;
  private static SelfSignedCertificate elsewhere;

  private final Vertx vertx = Vertx.vertx();

  @BeforeAll
  static void certificates() {
    localhost = SelfSignedCertificate.create("localhost");
    elsewhere = SelfSignedCertificate.create("elsewhere.test");
  }

  @AfterAll
  static void delete() {
    localhost.delete();
    elsewhere.delete();
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "."})
  void replyWithoutEnd_isBrokenOff(String stage) throws Exception {
    Optional<SSLContext> tls =
        stage.equals("STARTTLS") ? Optional.of(tls(localhost)) : Optional.empty();
    // The client has to believe that TLS is about to begin.
    String code = tls.isPresent() ? "220" : "250";
    for (String saying : List.of(code + "-more\r\n", code + "-more\n", code)) {
      try (HostileSmtp smtp = new HostileSmtp(stage, saying, tls)) {
        Outcome outcome =
            await(
                config(smtp, EmailConfig.StartTls.OPTIONAL)
                    .notifier(vertx)
                    .send(Messages.of(Transition.TRIGGERED)));
        assertThat(outcome)
            .as("%s: %s", stage, saying)
            .isEqualTo(
                new Outcome.Retry(
                    Reason.PROVIDER_ERROR, "the mail server's reply is longer than 65536 bytes"));
        assertThat(taken(smtp)).as("%s: %s", stage, saying).isLessThan(TAKEN_MAX);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLS EHLO", "TLS AUTH", "TLS ."})
  void replyWithoutEnd_isBrokenOff_withinTls(String stage) throws Exception {
    try (HostileSmtp smtp = new HostileSmtp(stage, "250-more\r\n", Optional.of(tls(localhost)))) {
      assertThatThrownBy(() -> await(sendTrusting(smtp, localhost)))
          .hasCauseInstanceOf(LongReplyException.class);
      assertThat(taken(smtp)).isLessThan(TAKEN_MAX);
    }
  }

  @Test
  void silence_isHungUpOn_whenTheTimeIsUp() throws Exception {
    try (HostileSmtp smtp = new HostileSmtp("RCPT", "", Optional.empty())) {
      Outcome outcome =
          await(
              config(smtp, EmailConfig.StartTls.OPTIONAL)
                  .notifier(vertx, Duration.ofMillis(500))
                  .send(Messages.of(Transition.TRIGGERED)));
      assertThat(outcome)
          .isInstanceOfSatisfying(
              Outcome.Retry.class, r -> assertThat(r.reason()).isEqualTo(Reason.TIMEOUT));
      assertThat(taken(smtp)).isZero();
    }
  }

  @Test
  void answersBehindTheMail_areNotRead() throws Exception {
    try (HostileSmtp smtp = new HostileSmtp("QUIT", "221-bye\r\n", Optional.empty())) {
      assertThat(
              await(
                  config(smtp, EmailConfig.StartTls.OPTIONAL)
                      .notifier(vertx)
                      .send(Messages.of(Transition.TRIGGERED))))
          .isInstanceOf(Outcome.Accepted.class);
      assertThat(taken(smtp)).isLessThan(TAKEN_MAX);
    }
  }

  @Test
  void startTls_takesTheCertificateOfTheHostOnly() throws Exception {
    try (HostileSmtp smtp = new HostileSmtp(HostileSmtp.NOWHERE, "", Optional.of(tls(localhost)))) {
      assertThat(await(sendTrusting(smtp, localhost)).getRecipients()).hasSize(1);
    }
    try (HostileSmtp smtp = new HostileSmtp(HostileSmtp.NOWHERE, "", Optional.of(tls(elsewhere)))) {
      assertThatThrownBy(() -> await(sendTrusting(smtp, elsewhere)))
          .rootCause()
          .hasMessageContaining("localhost");
    }
  }

  @Test
  void refusedStartTls_isSaid_orDoneWithoutWhereItIsOptional() throws Exception {
    try (HostileSmtp smtp =
        new HostileSmtp(HostileSmtp.REFUSES_TLS, "", Optional.of(tls(localhost)))) {
      Message page = Messages.of(Transition.TRIGGERED);
      assertThat(await(config(smtp, EmailConfig.StartTls.REQUIRED).notifier(vertx).send(page)))
          .isEqualTo(
              new Outcome.Retry(
                  Reason.PROVIDER_ERROR,
                  "the mail server refused STARTTLS: 454 TLS not available"));
      assertThat(await(config(smtp, EmailConfig.StartTls.OPTIONAL).notifier(vertx).send(page)))
          .isInstanceOf(Outcome.Accepted.class);
    }
  }

  private Future<MailResult> sendTrusting(HostileSmtp smtp, SelfSignedCertificate certificate) {
    MailConfig config = config(smtp, EmailConfig.StartTls.REQUIRED).mailConfig();
    config.setTrustOptions(certificate.trustOptions());
    MailMessage mail =
        new MailMessage("tocsin@example.com", "oncall@example.com", "[INC-42]", "more fail");
    return SmtpSession.send(vertx, config, mail, PATIENCE);
  }

  private static EmailConfig config(HostileSmtp smtp, EmailConfig.StartTls startTls) {
    return new EmailConfig(
        "localhost",
        smtp.port(),
        "tocsin@example.com",
        List.of("oncall@example.com"),
        Optional.of("tocsin"),
        Optional.of(new Secret("secret")),
        startTls,
        false);
  }

  private SSLContext tls(SelfSignedCertificate certificate) throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(certificate.keyCertOptions().getKeyManagerFactory(vertx).getKeyManagers(), null, null);
    return tls;
  }

  private static long taken(HostileSmtp smtp) throws Exception {
    return smtp.taken().get(10, TimeUnit.SECONDS);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(40, TimeUnit.SECONDS);
  }
}
