package dev.tocsin.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the SDKs make of a few hundred visits, half of them while the gateway is broken. */
final class ShopPlayerTest {
  private static final Instant END = Instant.parse("2026-11-23T10:00:00Z");
  // Fewer spans than the batching queue holds: none may be dropped.
  private static final int VISITS = 240;

  private static final Collected<SpanData> SPANS = new Collected<>();
  private static final Collected<LogRecordData> LOGS = new Collected<>();
  private static final Collected<MetricData> METRICS = new Collected<>();

  @BeforeAll
  static void play() {
    ShopScenario scenario = new ShopScenario(new Random(11));
    try (ShopTelemetry telemetry =
        new ShopTelemetry(new Spans(), new Metrics(), new Logs(), Duration.ofMillis(50))) {
      ShopPlayer player = new ShopPlayer(telemetry);
      for (int visit = 0; visit < VISITS; visit++) {
        Optional<Fault> fault =
            visit < VISITS / 2 ? Optional.empty() : Optional.of(Fault.PAYMENT_GATEWAY);
        player.play(scenario.next(fault), END);
      }
    }
  }

  private static Map<String, SpanData> spansById() {
    return SPANS.all.stream().collect(Collectors.toMap(SpanData::getSpanId, Function.identity()));
  }

  private static String text(SpanData span, String key) {
    return span.getAttributes().get(AttributeKey.stringKey(key));
  }

  @Test
  void spans_lieWithinTheirParents_andEndByTheGivenInstant() {
    long endNanos = TimeUnit.SECONDS.toNanos(END.getEpochSecond());
    Map<String, SpanData> byId = spansById();
    assertThat(SPANS.all).hasSizeGreaterThan(VISITS);
    assertThat(SPANS.all)
        .allSatisfy(
            span -> {
              assertThat(span.hasEnded()).isTrue();
              assertThat(span.getEndEpochNanos()).isLessThanOrEqualTo(endNanos);
              SpanData parent = byId.get(span.getParentSpanId());
              if (parent != null) {
                assertThat(span.getTraceId()).isEqualTo(parent.getTraceId());
                assertThat(span.getStartEpochNanos())
                    .isGreaterThanOrEqualTo(parent.getStartEpochNanos());
                if (span.getKind() != SpanKind.CONSUMER) {
                  assertThat(span.getEndEpochNanos())
                      .isLessThanOrEqualTo(parent.getEndEpochNanos());
                }
              } else {
                assertThat(span.getParentSpanContext().isValid()).isFalse();
              }
            });
  }

  @Test
  void everyService_hasAResourceOfItsOwn() {
    Set<String> resources =
        SPANS.all.stream()
            .map(
                span ->
                    span.getResource().getAttribute(AttributeKey.stringKey("service.namespace"))
                        + "/"
                        + span.getResource().getAttribute(AttributeKey.stringKey("service.name"))
                        + "/"
                        + span.getResource()
                            .getAttribute(AttributeKey.stringKey("service.instance.id")))
            .collect(Collectors.toSet());
    assertThat(resources)
        .containsExactlyInAnyOrder(
            "shop/frontend/frontend-1",
            "shop/checkout/checkout-1",
            "shop/cart/cart-1",
            "shop/payment/payment-1",
            "shop/inventory/inventory-1",
            "shop/shipping/shipping-1");
  }

  @Test
  void consumers_areLinkedToTheProducersOfTheirMessages() {
    Map<String, SpanData> byId = spansById();
    List<SpanData> consumers =
        SPANS.all.stream().filter(span -> span.getKind() == SpanKind.CONSUMER).toList();
    assertThat(consumers)
        .allSatisfy(
            span -> {
              assertThat(span.getLinks()).isNotEmpty();
              span.getLinks()
                  .forEach(
                      link ->
                          assertThat(byId.get(link.getSpanContext().getSpanId()).getKind())
                              .isEqualTo(SpanKind.PRODUCER));
            });
    assertThat(consumers).anyMatch(span -> span.getLinks().size() > 1);
  }

  @Test
  void failedCharge_carriesItsExceptionAsAnEvent() {
    SpanData charge =
        SPANS.all.stream()
            .filter(span -> span.getName().equals("POST /charges"))
            .filter(span -> span.getStatus().getStatusCode() == StatusCode.ERROR)
            .findFirst()
            .orElseThrow();
    assertThat(charge.getEvents()).hasSize(1);
    assertThat(charge.getEvents().get(0).getName()).isEqualTo("exception");
    assertThat(
            charge.getEvents().get(0).getAttributes().get(AttributeKey.stringKey("exception.type")))
        .isEqualTo(text(charge, "error.type"));
  }

  @Test
  void logs_belongToASpanOfTheirService_andLieWithinIt() {
    Map<String, SpanData> byId = spansById();
    assertThat(LOGS.all).hasSizeGreaterThan(VISITS / 2);
    assertThat(LOGS.all)
        .allSatisfy(
            line -> {
              SpanData span = byId.get(line.getSpanContext().getSpanId());
              assertThat(span.getResource()).isEqualTo(line.getResource());
              assertThat(line.getTimestampEpochNanos())
                  .isBetween(span.getStartEpochNanos(), span.getEndEpochNanos());
            });
  }

  @Test
  void metrics_countWhatTheSpansShow() {
    assertThat(METRICS.all)
        .extracting(MetricData::getName)
        .contains(
            "http.server.request.duration",
            "db.client.operation.duration",
            "shop.orders",
            "shop.payments",
            "shop.revenue",
            "shop.stock");
    long served =
        SPANS.all.stream()
            .filter(span -> span.getKind() == SpanKind.SERVER)
            .filter(span -> service(span.getResource()).equals("payment"))
            .count();
    long recorded =
        METRICS.all.stream()
            .filter(metric -> metric.getName().equals("http.server.request.duration"))
            .filter(metric -> service(metric.getResource()).equals("payment"))
            .mapToLong(
                metric ->
                    metric.getHistogramData().getPoints().stream()
                        .mapToLong(point -> point.getCount())
                        .sum())
            .max()
            .orElse(0);
    assertThat(recorded).isEqualTo(served);
  }

  private static String service(io.opentelemetry.sdk.resources.Resource resource) {
    return String.valueOf(resource.getAttribute(AttributeKey.stringKey("service.name")));
  }

  /** What an exporter was given. */
  private static class Collected<T> {
    final List<T> all = new CopyOnWriteArrayList<>();

    CompletableResultCode take(Collection<T> items) {
      all.addAll(items);
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class Spans implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      return SPANS.take(spans);
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class Logs implements LogRecordExporter {
    @Override
    public CompletableResultCode export(Collection<LogRecordData> logs) {
      return LOGS.take(logs);
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class Metrics implements MetricExporter {
    @Override
    public CompletableResultCode export(Collection<MetricData> metrics) {
      return METRICS.take(metrics);
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return AggregationTemporality.CUMULATIVE;
    }
  }
}
