package dev.tocsin.incident.notify.email;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tocsin.incident.Messages;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Outcome;
import dev.tocsin.incident.ports.Outcome.Reason;
import io.vertx.core.Vertx;
import jakarta.mail.internet.MimeMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmailNotifierTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private Outcome send(int port, Message message) throws Exception {
    EmailConfig config =
        new EmailConfig(
            "127.0.0.1",
            port,
            "tocsin@example.com",
            List.of("oncall@example.com"),
            Optional.empty(),
            Optional.empty(),
            EmailConfig.StartTls.OPTIONAL,
            false);
    return config
        .notifier(vertx)
        .send(message)
        .toCompletionStage()
        .toCompletableFuture()
        .get(40, TimeUnit.SECONDS);
  }

  private Outcome refused(String at, String reply) throws Exception {
    try (ScriptedSmtp smtp = new ScriptedSmtp(at, reply)) {
      return send(smtp.port(), Messages.of(Transition.TRIGGERED));
    }
  }

  @Test
  void mail_isThreadedAndMarkedAutomatic() throws Exception {
    GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.start();
    try {
      int port = mail.getSmtp().getPort();
      assertThat(send(port, Messages.of(Transition.TRIGGERED)))
          .isInstanceOf(Outcome.Accepted.class);
      assertThat(send(port, Messages.of(Transition.TRIGGERED)))
          .isInstanceOf(Outcome.Accepted.class);
      MimeMessage first = mail.getReceivedMessages()[0];
      MimeMessage again = mail.getReceivedMessages()[1];
      assertThat(first.getSubject()).isEqualTo("[INC-42] 5 % of <checkout> & more fail");
      assertThat(first.getMessageID())
          .matches("<inc-42\\.7\\.[0-9a-f]{8}@example\\.com>")
          .isEqualTo(again.getMessageID());
      assertThat(first.getHeader("References")[0])
          .matches("<inc-42\\.[0-9a-f]{8}@example\\.com>")
          .isEqualTo(first.getHeader("In-Reply-To")[0]);
      assertThat(first.getHeader("Auto-Submitted")).containsExactly("auto-generated");
      assertThat(first.getHeader("X-Auto-Response-Suppress")).containsExactly("All");
      assertThat(first.getHeader("Message-ID")).hasSize(1);
      assertThat(first.getAllRecipients()).hasSize(1);
      String body = GreenMailUtil.getBody(first);
      assertThat(body.indexOf("text/plain")).isBetween(0, body.indexOf("text/html"));
      assertThat(body).contains("&lt;checkout&gt;").contains("Value: 0.07");
    } finally {
      mail.stop();
    }
  }

  @Test
  void temporaryRefusal_isRetried_permanentIsNot() throws Exception {
    assertThat(refused("RCPT", "451 4.3.0 try later"))
        .isInstanceOfSatisfying(
            Outcome.Retry.class, r -> assertThat(r.reason()).isEqualTo(Reason.PROVIDER_ERROR));
    assertThat(refused("MAIL", "421 4.3.2 shutting down")).isInstanceOf(Outcome.Retry.class);
    assertThat(refused("RCPT", "550 5.1.1 no such user"))
        .isInstanceOfSatisfying(
            Outcome.Rejected.class,
            r -> {
              assertThat(r.reason()).isEqualTo(Reason.REJECTED);
              assertThat(r.detail()).contains("550 5.1.1 no such user");
            });
    assertThat(refused("MAIL", "530 5.7.0 authentication required"))
        .isInstanceOfSatisfying(
            Outcome.Rejected.class, r -> assertThat(r.reason()).isEqualTo(Reason.UNAUTHORIZED));
  }

  @Test
  void noise_isNoRefusal() throws Exception {
    for (String reply :
        List.of("\0\u00ff\u00ff", "xyz no code", "999 what", "55", "5x0 unclear", "550_ok")) {
      assertThat(refused("RCPT", reply)).as(reply).isInstanceOf(Outcome.Retry.class);
      try (ScriptedSmtp smtp = new ScriptedSmtp(reply)) {
        assertThat(send(smtp.port(), Messages.of(Transition.TRIGGERED)))
            .as(reply)
            .isInstanceOf(Outcome.Retry.class);
      }
    }
    try (ScriptedSmtp smtp = new ScriptedSmtp("554 5.7.1 not from there")) {
      assertThat(send(smtp.port(), Messages.of(Transition.TRIGGERED)))
          .isInstanceOf(Outcome.Rejected.class);
    }
    assertThat(refused("RCPT", "550-5.1.1 no\r\n550 5.1.1 such user"))
        .isInstanceOf(Outcome.Rejected.class);
  }

  @Test
  void refusalAfterTheData_isAFailure() throws Exception {
    assertThat(refused(".", "554 5.6.0 rejected")).isInstanceOf(Outcome.Rejected.class);
    assertThat(refused(".", "451 4.3.0 no room")).isInstanceOf(Outcome.Retry.class);
  }

  @Test
  void deadServer_isRetried() throws Exception {
    int port;
    try (ScriptedSmtp smtp = new ScriptedSmtp("", "")) {
      port = smtp.port();
    }
    assertThat(send(port, Messages.of(Transition.TRIGGERED)))
        .isInstanceOfSatisfying(
            Outcome.Retry.class, r -> assertThat(r.reason()).isEqualTo(Reason.NETWORK));
  }

  @Test
  void html_isEscaped() {
    assertThat(EmailNotifier.escape("<a href=\"x\">&"))
        .isEqualTo("&lt;a href=&quot;x&quot;&gt;&amp;");
  }
}
