package dev.tocsin.app.conformance.report;

import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.Result;
import java.util.List;

/** Results as the XML that build servers read; a failure of any level is a failure there. */
public final class JUnitReport {
  private JUnitReport() {}

  public static String write(List<Result> results) {
    long failures = results.stream().filter(r -> r.outcome() instanceof CaseOutcome.Failed).count();
    long skipped = results.stream().filter(r -> r.outcome() instanceof CaseOutcome.Skipped).count();
    StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append(
        "<testsuite name=\"otlp-conformance\" tests=\"%d\" failures=\"%d\" skipped=\"%d\">\n"
            .formatted(results.size(), failures, skipped));
    results.forEach(result -> append(xml, result));
    return xml.append("</testsuite>\n").toString();
  }

  private static void append(StringBuilder xml, Result result) {
    var one = result.of();
    xml.append(
        "  <testcase classname=\"%s.%s\" name=\"%s\" time=\"%d.%03d\">"
            .formatted(
                one.item(),
                one.level(),
                escaped(one.name() + " " + one.lane().label()),
                result.millis() / 1_000,
                result.millis() % 1_000));
    if (result.outcome() instanceof CaseOutcome.Skipped skipped) {
      xml.append("<skipped message=\"%s\"/>".formatted(escaped(skipped.reason())));
    } else if (result.outcome() instanceof CaseOutcome.Failed failed) {
      String details =
          "sent: %s\ncame: %s\nexpected: %s\nspecification: %s\n"
              .formatted(failed.sent(), failed.came(), failed.expected(), one.section());
      xml.append(
          "<failure message=\"%s\">%s</failure>".formatted(escaped(one.title()), escaped(details)));
    }
    xml.append("</testcase>\n");
  }

  private static String escaped(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n]]", " ")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
