package dev.tocsin.promql.promqltest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AggregateOp;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.BinaryOp;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.Function;
import dev.tocsin.promql.text.PromqlException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The project's own scripts: every function, aggregator and operator at least once. */
class OwnScriptsTest {
  private static final String[] NAMES = {
    "functions", "ranges", "operators", "aggregators", "histograms"
  };

  private static String script(String name) {
    try (InputStream in =
        OwnScriptsTest.class.getResourceAsStream("/promqltest/" + name + ".test")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"functions", "ranges", "operators", "aggregators", "histograms"})
  void script_passes(String name) {
    ScriptRunner.Report report = ScriptRunner.run(script(name));
    assertThat(report.failures()).isEmpty();
    assertThat(report.evaluated()).isPositive();
  }

  @Test
  void scripts_coverTheLanguage() {
    Set<String> used = new HashSet<>();
    for (String name : NAMES) {
      for (Script.Command command : ScriptReader.read(script(name)).commands()) {
        if (command instanceof Script.Eval eval) {
          try {
            collect(PromqlParser.parse(eval.query()), used);
          } catch (PromqlException e) {
            assertThat(eval.expected().fails).isTrue();
          }
        }
      }
    }
    Set<String> missing = new TreeSet<>(Function.byName().keySet());
    Stream.of(AggregateOp.values()).forEach(op -> missing.add(op.text()));
    Stream.of(BinaryOp.values()).forEach(op -> missing.add(op.symbol()));
    missing.removeAll(used);
    assertThat(missing).isEmpty();
  }

  private static void collect(Expr expr, Set<String> used) {
    if (expr instanceof Call call) {
      used.add(call.function().name());
    } else if (expr instanceof AggregateExpr aggregate) {
      used.add(aggregate.op().text());
    } else if (expr instanceof BinaryExpr binary) {
      used.add(binary.op().symbol());
    }
    expr.children().forEach(child -> collect(child, used));
  }
}
