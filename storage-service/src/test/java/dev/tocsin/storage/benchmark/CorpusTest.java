package dev.tocsin.storage.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.testkit.corpus.LogCorpus;
import dev.tocsin.testkit.corpus.MetricCorpus;
import dev.tocsin.testkit.corpus.SpanCorpus;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The corpus is what its description says; figures taken with it are compared over years. */
final class CorpusTest {
  private static final long START = 1_790_000_000_000_000_000L;
  private static final long HOUR = 3_600_000_000_000L;

  @Test
  void spans_areAsDescribed() throws Exception {
    List<Span> spans = new ArrayList<>();
    Iterator<byte[]> corpus = new SpanCorpus(1, 20_000, START, HOUR);
    while (corpus.hasNext()) {
      ExportTraceServiceRequest.parseFrom(corpus.next())
          .getResourceSpansList()
          .forEach(r -> r.getScopeSpansList().forEach(s -> spans.addAll(s.getSpansList())));
    }
    double traces = spans.stream().map(Span::getTraceId).distinct().count();
    assertThat(spans.size() / traces).isBetween(6.0, 6.6);
    assertThat(spans.stream().mapToInt(Span::getAttributesCount).average().orElse(0))
        .isBetween(8.4, 9.4);
    assertThat(spans.stream().mapToInt(Span::getSerializedSize).average().orElse(0))
        .isBetween(380.0, 500.0);
    double errors = spans.stream().filter(s -> s.getStatus().getCodeValue() == 2).count();
    double stacks = spans.stream().filter(s -> s.getEventsCount() > 0).count();
    assertThat(errors / spans.size()).isBetween(0.015, 0.025);
    assertThat(stacks / errors).isBetween(0.4, 0.6);
    assertThat(spans.stream().allMatch(s -> s.getTraceId().size() == 16)).isTrue();
  }

  @Test
  void lines_areAsDescribed() throws Exception {
    List<LogRecord> lines = new ArrayList<>();
    Iterator<byte[]> corpus = new LogCorpus(1, 20_000, START, HOUR);
    while (corpus.hasNext()) {
      ExportLogsServiceRequest.parseFrom(corpus.next())
          .getResourceLogsList()
          .forEach(r -> r.getScopeLogsList().forEach(s -> lines.addAll(s.getLogRecordsList())));
    }
    assertThat(lines).hasSize(20_000);
    assertThat(
            lines.stream().mapToInt(l -> l.getBody().getStringValue().length()).average().orElse(0))
        .isBetween(86.0, 100.0);
    double traced = lines.stream().filter(l -> l.getTraceId().size() == 16).count();
    assertThat(traced / lines.size()).isBetween(0.67, 0.73);
  }

  @Test
  void samples_areAsDescribed_andTheSameSeedGivesTheSame() throws Exception {
    Iterator<byte[]> corpus = new MetricCorpus(1, 2, START);
    Iterator<byte[]> again = new MetricCorpus(1, 2, START);
    long counters = 0;
    long gauges = 0;
    long buckets = 0;
    while (corpus.hasNext()) {
      byte[] request = corpus.next();
      assertThat(again.next()).isEqualTo(request);
      for (Metric metric :
          ExportMetricsServiceRequest.parseFrom(request)
              .getResourceMetrics(0)
              .getScopeMetrics(0)
              .getMetricsList()) {
        counters += metric.getSum().getDataPointsCount();
        gauges += metric.getGauge().getDataPointsCount();
        buckets += metric.getHistogram().getDataPointsCount() * 17L;
      }
    }
    long all = counters + gauges + buckets;
    assertThat(all / 2).isBetween(2_950L, 3_050L);
    assertThat((double) counters / all).isBetween(0.57, 0.63);
    assertThat((double) buckets / all).isBetween(0.13, 0.17);
  }
}
