package dev.tocsin.promql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.parse.ParserOptions;
import dev.tocsin.promql.rules.RuleFile;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.template.TemplateData;
import dev.tocsin.promql.template.TemplateException;
import dev.tocsin.promql.template.TemplateExpander;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.promql.text.PromqlException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any string gives a result or a PromqlException; a query that is no query is told where. */
class FuzzTest {
  private static final int ROUNDS = 12_000;

  private static final List<String> CORPUS =
      List.of(
          "sum by (job) (rate(m{a=~\"b|c\",d!=\"\"}[5m] offset 1m))",
          "histogram_quantile(0.9, sum(rate(h_bucket[5m])) by (le)) > bool 1",
          "m @ 12.5 or on (a) group_left (b) n fill (0) + -2 ^ 3",
          "max_over_time(deriv(m[1m])[10m:30s] @ end() offset -5s)",
          "label_replace(m, \"a\", \"$1\", \"b\", \"(.*)\") unless ignoring () n",
          "topk(3, m) without (a, b) atan2 scalar(m) % 1e3",
          "{\"http.name\", \"l.x\"=~'a+', b!~`c`} smoothed",
          "increase(m[5m + step() * 2] anchored) </ 0x1F",
          "count_values(\"v\", m) == 1_000 # comment",
          "absent(m{a=\"\\u00e9\\x41\\n\"}) and time() - NaN / +Inf",
          "quantile_over_time(0.5, m[1h30m])",
          "((((((((((1))))))))))",
          "limit_ratio(-0.5, m) * on () group_right (x) info(m, {a=\"b\"})");

  private static final List<String> TOKENS =
      List.of(
          "(",
          ")",
          "{",
          "}",
          "[",
          "]",
          ",",
          "\"",
          "'",
          "`",
          "\\",
          "=~",
          "!=",
          "@",
          "offset",
          "by",
          "on",
          "bool",
          "5m",
          "1e400",
          "0x",
          "-",
          "^",
          "sum",
          "m",
          "rate",
          "[5m]",
          "#",
          "\u0000",
          "\ud800",
          "é",
          "{{",
          "}}",
          "</",
          "::",
          "1y2w",
          "fill(",
          "9999999999999999999",
          "group_left",
          "start()",
          "inf",
          "..",
          "\n",
          "a".repeat(50),
          "(".repeat(300),
          "-".repeat(500));

  private final InMemorySeriesSource source = new InMemorySeriesSource();
  private final PromqlEngine engine =
      new PromqlEngine(
          EngineOptions.defaults()
              .withParser(ParserOptions.EXPERIMENTAL)
              .withSamplesMax(20_000)
              .withStepsMax(2_000)
              .withTimeout(Duration.ofSeconds(2)));

  private static String mutated(Random random) {
    StringBuilder text = new StringBuilder(CORPUS.get(random.nextInt(CORPUS.size())));
    for (int i = random.nextInt(5); i >= 0; i--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(6));
      switch (random.nextInt(5)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, TOKENS.get(random.nextInt(TOKENS.size())));
        case 2 -> text.insert(at, (char) random.nextInt(0x300));
        case 3 -> {
          String other = CORPUS.get(random.nextInt(CORPUS.size()));
          int from = random.nextInt(other.length());
          text.insert(at, other.substring(from, Math.min(other.length(), from + 12)));
        }
        default -> text.replace(at, end, TOKENS.get(random.nextInt(TOKENS.size())));
      }
    }
    return text.toString();
  }

  @Test
  void anyQuery_givesResultOrPromqlException() {
    for (int i = 0; i < 20; i++) {
      source.append(Labels.of("__name__", "m", "a", "b"), i * 15_000L, i);
      source.append(Labels.of("__name__", "n", "a", "b"), i * 15_000L, -i);
      source.append(Labels.of("__name__", "h_bucket", "le", "+Inf"), i * 15_000L, i);
    }
    Random random = new Random(20_261_123);
    int parsed = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String query = mutated(random);
      try {
        Expr expr = PromqlParser.parse(query);
        parsed++;
        String printed = PromqlPrinter.print(expr);
        assertThat(PromqlPrinter.print(PromqlParser.parse(printed)))
            .as("%s", LabelText.quote(query))
            .isEqualTo(printed);
        assertThat(PromqlParser.parse(PromqlPrinter.pretty(expr))).isNotNull();
        evaluate(expr);
      } catch (PromqlException e) {
        assertThat(e.kind() != Kind.PARSE || e.position() >= 0)
            .as("%s", LabelText.quote(query))
            .isTrue();
        assertThat(e.getMessage()).isNotBlank();
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("query: " + LabelText.quote(query), e);
      }
    }
    assertThat(parsed).isGreaterThan(ROUNDS / 50);
  }

  private void evaluate(Expr expr) {
    try {
      assertThat(engine.instant(source, expr, 300_000, QueryContext.create())).isNotNull();
      assertThat(engine.range(source, expr, 0, 300_000, 60_000, QueryContext.create())).isNotNull();
    } catch (PromqlException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @Test
  void anyTemplateAndRuleFile_isAnswered() {
    Random random = new Random(42);
    List<String> templates =
        List.of(
            "{{ define \"t\" }}{{ . }}{{ end }}{{ range $i, $v := query \"m\" }}{{ $v | printf \"%.2f\" }}{{ end }}",
            "{{ define \"t\" }}<b>{{ . }}</b>{{ end }}<a href=\"/x?y={{ $labels.a }}\" class='{{ $value }}'>{{ tmpl \"t\" (safeHtml \"<i>\") }}</a><!-- x -->",
            "{{ ((toTime 1e9).Add (toDuration 1e3)).Format \"2006-01-02\" }}{{ (toTime $value).Truncate 60 }}{{ (toDuration -5).Round 9 }}{{ slice \"abc\" 1 2 }}{{ index $labels \"a\" }}");
    String file =
        "groups:\n- name: a\n  rules:\n  - alert: x\n    expr: |\n      up == 0\n    labels: {a: 'b', c: \"d\"}\n";
    String pieces = "{}[]|>-:\"'#&*\n  .$()=,\\ \t!%@`ax1";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(i % 2 == 0 ? templates.get(i / 2 % 3) : file);
      for (int j = random.nextInt(6); j >= 0; j--) {
        int at = random.nextInt(text.length() + 1);
        if (random.nextBoolean()) {
          text.insert(at, pieces.charAt(random.nextInt(pieces.length())));
        } else {
          text.delete(at, Math.min(text.length(), at + random.nextInt(4)));
        }
      }
      try {
        if (i % 2 == 0) {
          expand(text.toString());
        } else {
          assertThat(RuleFile.parse(text.toString())).isNotNull();
        }
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("text: " + text, e);
      }
    }
  }

  private static void expand(String template) {
    TemplateExpander expander = TemplateExpander.withoutQueries();
    TemplateData data = new TemplateData(Map.of("a", "<b>"), 1e18, Map.of(), "http://x", 0);
    TemplateExpander.check(template);
    assertThat(expander.expand("fuzz", template, data)).isNotNull();
    try {
      assertThat(expander.expandHtmlOrThrow("fuzz", template, data)).isNotNull();
    } catch (TemplateException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
