package dev.tocsin.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.rules.RuleFile;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.template.TemplateData;
import dev.tocsin.promql.template.TemplateExpander;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.promql.text.PromqlException.Kind;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A chain of operators may be as long as a query, as in Prometheus; what is nested is bounded, and
 * told so. Everything runs on a thread as small as those of the launcher.
 */
final class DepthTest {
  private static final int OPERANDS = 10_000;
  private static final long STACK_BYTES = 512 << 10;
  private static final long AT = 60_000;

  private final InMemorySeriesSource source = new InMemorySeriesSource();
  private final PromqlEngine engine =
      new PromqlEngine(EngineOptions.defaults().withTimeout(Duration.ofMinutes(1)));

  private static <T> T onSmallStack(Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = new Thread(null, task, "small", STACK_BYTES);
    thread.start();
    return task.get();
  }

  private static String chain(IntFunction<String> operand, String operator) {
    return IntStream.range(0, OPERANDS)
        .mapToObj(operand)
        .collect(Collectors.joining(" " + operator + " "));
  }

  private double onlyValue(Expr expr) {
    QueryResult result = engine.instant(source, expr, AT, QueryContext.create());
    if (result.value() instanceof Value.Scalar scalar) {
      return scalar.value();
    }
    List<Value.Sample> samples = ((Value.InstantVector) result.value()).samples();
    assertThat(samples).hasSize(1);
    return samples.get(0).value();
  }

  @TestFactory
  List<DynamicTest> chain_isEvaluated_whateverTheOperator() {
    source.append(Labels.of("__name__", "m"), AT, 1);
    return Map.ofEntries(
            Map.entry("m or m", 1.0),
            Map.entry("m and m", 1.0),
            Map.entry("m + m", (double) OPERANDS),
            Map.entry("m * m", 1.0),
            Map.entry("m == m", 1.0),
            Map.entry("m >= bool m", 1.0),
            Map.entry("1 + 1", (double) OPERANDS),
            Map.entry("1 ^ 1", 1.0),
            Map.entry("m ^ m", 1.0),
            Map.entry("m or on () m", 1.0))
        .entrySet()
        .stream()
        .map(
            chain -> {
              String[] words = chain.getKey().split(" ", 2);
              String operator = words[1].substring(0, words[1].lastIndexOf(' '));
              String query = chain(i -> words[0], operator);
              return DynamicTest.dynamicTest(
                  chain.getKey(),
                  () ->
                      assertThat(onSmallStack(() -> onlyValue(PromqlParser.parse(query))))
                          .isEqualTo(chain.getValue()));
            })
        .toList();
  }

  @Test
  void chain_ofManyMetricsAndSteps_takesLinearTime() throws Exception {
    for (int i = 0; i < OPERANDS; i++) {
      source.append(Labels.of("__name__", "m" + i, "i", "" + i), AT, i);
    }
    Expr expr = PromqlParser.parse(chain(i -> "m" + i, "or"));
    QueryResult result =
        onSmallStack(() -> engine.range(source, expr, AT, 2 * AT, AT, QueryContext.create()));
    assertThat(((Value.Matrix) result.value()).series()).hasSize(OPERANDS);
  }

  @Test
  void chain_isPrintedComparedAndAnalysed() throws Exception {
    String text = chain(i -> "m" + i + " @ 7", "or");
    boolean whole =
        onSmallStack(
            () -> {
              Expr expr = PromqlParser.parse(text);
              Expr again = PromqlParser.parse(PromqlPrinter.print(expr));
              Expr pretty = PromqlParser.parse(PromqlPrinter.pretty(expr));
              assertThat(PromqlPrinter.pretty(expr)).hasSizeLessThan(3 * text.length());
              assertThat(SelectorAnalysis.of(expr).selectors()).hasSize(OPERANDS);
              assertThat(expr.hashCode()).isEqualTo(again.hashCode());
              assertThat(expr.toString()).contains("10000 operands");
              assertThat(expr.equals(PromqlParser.parse(chain(i -> "n" + i, "or")))).isFalse();
              return expr.equals(again) && expr.equals(pretty);
            });
    assertThat(whole).isTrue();
  }

  @Test
  void chain_keepsPrecedenceAndAssociativity() {
    assertThat(onlyValue(PromqlParser.parse("2 ^ 3 ^ 2"))).isEqualTo(512);
    assertThat(onlyValue(PromqlParser.parse("10 - 3 - 2"))).isEqualTo(5);
    assertThat(onlyValue(PromqlParser.parse("-2 ^ 2"))).isEqualTo(-4);
    assertThat(onlyValue(PromqlParser.parse("2 ^ -1 * 4"))).isEqualTo(2);
    assertThat(onlyValue(PromqlParser.parse("1 + 2 * 3 ^ 2 % 5 - 1"))).isEqualTo(3);
    assertThat(onlyValue(PromqlParser.parse("1 + 2 > bool 2 + 1 + 1"))).isZero();
  }

  @TestFactory
  List<DynamicTest> nesting_isBounded_andSaysSo() {
    source.append(Labels.of("__name__", "m"), AT, 1);
    return Map.of(
            "(", ")",
            "-", "",
            "abs(", ")",
            "max_over_time(", "[1m:])",
            "sum(", ")",
            "1 + (", ")",
            "1 or (", ")",
            "label_replace(", ",\"a\",\"b\",\"c\",\"d\")",
            "scalar(vector(", "))",
            "1 ^ -", "")
        .entrySet()
        .stream()
        .map(
            nest ->
                DynamicTest.dynamicTest(
                    nest.getKey(),
                    () -> onSmallStack(() -> nested(nest.getKey(), nest.getValue()))))
        .toList();
  }

  /** At any depth there is an answer, or an error with a place. */
  private Void nested(String open, String close) {
    for (int depth : List.of(1, 20, 60, 99, 120, 198, 250, 5_000, 50_000)) {
      String query = open.repeat(depth) + "m" + close.repeat(depth);
      try {
        Expr expr = PromqlParser.parse(query);
        assertThat(PromqlParser.parse(PromqlPrinter.print(expr))).isEqualTo(expr);
        assertThat(PromqlPrinter.pretty(expr)).isNotEmpty();
        assertThat(SelectorAnalysis.of(expr).selectors()).hasSize(1);
        assertThat(engine.instant(source, expr, AT, QueryContext.create())).isNotNull();
        assertThat(depth).isLessThan(250);
      } catch (PromqlException e) {
        assertThat(e.getMessage())
            .as("%s at %s", open, depth)
            .containsAnyOf(
                "nested deeper than 200 levels",
                "query length",
                "set operator",
                "expected type",
                "unary expression");
      }
    }
    return null;
  }

  @Test
  void lists_mayBeLong() throws Exception {
    source.append(Labels.of("__name__", "m"), AT, 1);
    String matchers = chain(i -> "a" + i + "=\"\"", ",");
    String labels = chain(i -> "a" + i, ",");
    for (String query :
        List.of(
            "m{" + matchers + "}",
            "sum by (" + labels + ") (m)",
            "m + on (" + labels + ") group_left (" + labels.replace('a', 'b') + ") m",
            "label_join(m, \"x\", \"-\", " + chain(i -> "\"a" + i + "\"", ",") + ")")) {
      assertThat(onSmallStack(() -> onlyValue(PromqlParser.parse(query)))).isPositive();
    }
  }

  @Test
  void ranges_ofDurationsAndOfRanges_areBounded() {
    String sum = String.join(" + ", Collections.nCopies(OPERANDS, "1s"));
    assertThatThrownBy(() -> onSmallStack(() -> PromqlParser.parse("rate(m[" + sum + "])")))
        .hasRootCauseInstanceOf(PromqlException.class)
        .rootCause()
        .hasMessageEndingWith("duration has more than 200 operators");
    String power = String.join(" ^ ", Collections.nCopies(OPERANDS, "1"));
    assertThatThrownBy(() -> onSmallStack(() -> PromqlParser.parse("rate(m[" + power + "])")))
        .hasRootCauseInstanceOf(PromqlException.class);
    assertThatThrownBy(() -> onSmallStack(() -> PromqlParser.parse("m" + "[1m:]".repeat(OPERANDS))))
        .rootCause()
        .hasMessageEndingWith("subquery is only allowed on instant vector, got matrix instead");
  }

  @Test
  void parser_saysSo_onAThreadOfHardlyAnyStack() {
    String query = "abs(".repeat(199) + "m" + ")".repeat(199);
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                PromqlParser.parse(query);
              } catch (PromqlException e) {
                assertThat(e.kind()).isEqualTo(Kind.PARSE);
              }
            },
            "tiny",
            1);
    Throwable[] failure = new Throwable[1];
    thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
    thread.start();
    assertThat(join(thread)).isTrue();
    assertThat(failure[0]).isNull();
  }

  private static boolean join(Thread thread) {
    try {
      thread.join();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Test
  void regex_ofNothingOften_isCompiledAtOnce() {
    String nothing = "(?:(?:(?:(?:){1000}){1000}){1000}){1000}";
    source.append(Labels.of("__name__", "m"), AT, 1);
    assertThat(onlyValue(PromqlParser.parse("m{a=~\"" + nothing + "\"}"))).isEqualTo(1);
  }

  @Test
  void template_mayHaveManyConditions_inARow() throws Exception {
    StringBuilder text = new StringBuilder("{{ if eq $labels.a \"0\" }}0");
    for (int i = 1; i < OPERANDS; i++) {
      text.append("{{ else if eq $labels.a \"").append(i).append("\" }}").append(i);
    }
    text.append("{{ else }}none{{ end }}");
    for (String a : List.of("0", "77", "9999", "x")) {
      TemplateData data = new TemplateData(Map.of("a", a), 1, Map.of(), "http://x", 0);
      String expanded =
          onSmallStack(() -> TemplateExpander.withoutQueries().expand("t", text.toString(), data));
      assertThat(expanded).isEqualTo(a.equals("x") ? "none" : a);
    }
    String nested = "{{ if true }}".repeat(OPERANDS) + "x" + "{{ end }}".repeat(OPERANDS);
    assertThat(onSmallStack(() -> TemplateExpander.check(nested)))
        .isEqualTo("template: 1: template is nested deeper than 100 levels");
    String parens = "{{ " + "(".repeat(OPERANDS) + "1" + ")".repeat(OPERANDS) + " }}";
    assertThat(onSmallStack(() -> TemplateExpander.check(parens)))
        .isEqualTo("template: 1: template is nested deeper than 100 levels");
  }

  @Test
  void ruleFile_withLongChains_isRead_andTooDeepOnesAreNamed() throws Exception {
    String rule = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: ";
    String chain = chain(i -> "up{job=\"job-" + i + "\"} == 0", "or");
    assertThat(onSmallStack(() -> RuleFile.parse(rule + chain)).problems()).isEmpty();
    String deep = "(".repeat(5_000) + "up" + ")".repeat(5_000);
    assertThat(onSmallStack(() -> RuleFile.parse(rule + deep)).problems())
        .singleElement()
        .asString()
        .contains("nested deeper than 200 levels");
    String anchors = "groups: " + "&a ".repeat(OPERANDS) + "[]";
    assertThat(onSmallStack(() -> RuleFile.parse(anchors)).problems()).isEmpty();
    String flow = "groups: " + "[".repeat(OPERANDS) + "]".repeat(OPERANDS);
    assertThat(onSmallStack(() -> RuleFile.parse(flow)).problems()).isNotEmpty();
  }
}
