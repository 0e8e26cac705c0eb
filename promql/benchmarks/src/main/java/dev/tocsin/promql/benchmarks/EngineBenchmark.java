package dev.tocsin.promql.benchmarks;

import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.engine.QueryResult;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Range queries over six hours, step 60 s, on one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class EngineBenchmark {
  private final PromqlEngine engine = new PromqlEngine(EngineOptions.defaults());
  private InMemorySeriesSource source = new InMemorySeriesSource();

  @Setup
  public void load() {
    source = Dataset.load();
  }

  private QueryResult range(String query) {
    long end = Dataset.START + (Dataset.SAMPLES - 1) * 15_000L;
    return engine.range(source, query, Dataset.START, end, 60_000, QueryContext.create());
  }

  @Benchmark
  public QueryResult rate() {
    return range("rate(m[5m])");
  }

  @Benchmark
  public QueryResult sumByRate() {
    return range("sum by (job) (rate(m[5m]))");
  }

  @Benchmark
  public QueryResult histogramQuantile() {
    return range("histogram_quantile(0.99, sum by (job, le) (rate(h_bucket[5m])))");
  }

  @Benchmark
  public QueryResult topk() {
    return range("topk(5, m)");
  }

  @Benchmark
  public QueryResult binaryJoin() {
    return range("m / on (job) group_left () sum by (job) (m)");
  }
}
