package dev.tocsin.incident.notify.email;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.notify.HttpAnswers;
import dev.tocsin.incident.notify.Wording;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import dev.tocsin.incident.ports.Outcome.Reason;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.MailResult;
import io.vertx.ext.mail.SMTPException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Email by SMTP: text and HTML, one thread an incident. All mails refer to a root that is never
 * sent; a mail keeps its Message-ID over retries, so that readers drop a repetition (RFC 5322).
 */
final class EmailNotifier implements Notifier {
  private static final Set<Integer> LOGIN_CODES = Set.of(530, 534, 535, 538);

  /** A line of a reply that refuses for good (RFC 5321, section 4.2). */
  private static final Pattern REFUSAL = Pattern.compile("5\\d\\d(?:[ -].*)?");

  private final String from;
  private final Function<MailMessage, Future<MailResult>> server;

  /**
   * @param server delivers one mail
   */
  EmailNotifier(String from, Function<MailMessage, Future<MailResult>> server) {
    this.from = from;
    this.server = server;
  }

  @Override
  public String channel() {
    return "email";
  }

  @Override
  public Future<Outcome> send(Message message) {
    return server
        .apply(mail(message))
        .<Outcome>map(result -> new Outcome.Accepted("accepted " + result.getMessageID()))
        .otherwise(EmailNotifier::failure);
  }

  static Outcome failure(Throwable failure) {
    if (failure instanceof LongReplyException || failure instanceof StartTlsRefusedException) {
      return new Outcome.Retry(Reason.PROVIDER_ERROR, String.valueOf(failure.getMessage()));
    }
    if (!(failure instanceof SMTPException smtp)) {
      return HttpAnswers.failure(failure);
    }
    String detail = "SMTP " + String.valueOf(smtp.getMessage()).replaceAll("\\p{Cntrl}+", " ");
    if (!isRefusal(smtp.getReplyMessages())) {
      return new Outcome.Retry(Reason.PROVIDER_ERROR, detail);
    }
    if (LOGIN_CODES.contains(smtp.getReplyCode())) {
      return new Outcome.Rejected(Reason.UNAUTHORIZED, detail);
    }
    return new Outcome.Rejected(Reason.REJECTED, detail);
  }

  /** The client takes what it cannot read for a refusal; noise on the line is none. */
  private static boolean isRefusal(List<String> lines) {
    return !lines.isEmpty()
        && lines.stream().allMatch(line -> REFUSAL.matcher(line.stripTrailing()).matches());
  }

  MailMessage mail(Message message) {
    Incident incident = message.incident();
    String domain = from.substring(from.indexOf('@') + 1);
    String root = "<inc-" + incident.id() + "." + hash(incident.key()) + "@" + domain + ">";
    String id =
        "<inc-%d.%d.%s@%s>"
            .formatted(
                incident.id(),
                message.notificationId(),
                hash(incident.key() + message.target()),
                domain);
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .add("Message-ID", id)
            .add("In-Reply-To", root)
            .add("References", root)
            .add(
                "Date",
                DateTimeFormatter.RFC_1123_DATE_TIME
                    .withLocale(Locale.ROOT)
                    .format(ZonedDateTime.ofInstant(message.at(), ZoneOffset.UTC)))
            .add("Auto-Submitted", "auto-generated")
            .add("X-Auto-Response-Suppress", "All");
    return new MailMessage()
        .setFrom(from)
        .setTo(message.target())
        .setSubject(Wording.subject(incident))
        .setHeaders(headers)
        .setText(text(message))
        .setHtml(html(message));
  }

  /** Short and the same on every attempt. */
  private static String hash(String text) {
    return UUID.nameUUIDFromBytes(text.getBytes(UTF_8)).toString().substring(0, 8);
  }

  private static String text(Message message) {
    Incident incident = message.incident();
    StringBuilder text = new StringBuilder();
    text.append(Wording.headline(message)).append('\n');
    text.append(incident.title()).append("\n\n");
    if (!message.comment().isBlank()) {
      text.append(message.comment()).append("\n\n");
    }
    facts(incident).forEach((name, value) -> text.append(name + ": " + value + "\n"));
    return text.toString();
  }

  private static String html(Message message) {
    Incident incident = message.incident();
    StringBuilder html = new StringBuilder("<html><body>");
    html.append("<p><b>").append(escape(Wording.headline(message))).append("</b><br>");
    html.append(escape(incident.title())).append("</p>");
    if (!message.comment().isBlank()) {
      html.append("<p>").append(escape(message.comment())).append("</p>");
    }
    html.append("<table>");
    facts(incident)
        .forEach(
            (name, value) ->
                html.append(
                    "<tr><td>" + escape(name) + "</td><td>" + escape(value) + "</td></tr>"));
    return html.append("</table></body></html>").toString();
  }

  private static Map<String, String> facts(Incident incident) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Incident", Long.toString(incident.id()));
    facts.put("Severity", incident.severity());
    facts.put("Opened", incident.openedAt().toString());
    facts.put("Rule", incident.alert().ruleGroup() + "/" + incident.alert().rule());
    facts.put("Value", incident.alert().value());
    facts.put("Description", incident.alert().annotations().getOrDefault("description", ""));
    incident.alert().labels().forEach((name, value) -> facts.put("label " + name, value));
    facts.values().removeIf(String::isBlank);
    facts.replaceAll((name, value) -> Wording.cut(value, 1_000));
    return facts;
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
