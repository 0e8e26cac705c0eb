package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.storage.ports.SeriesCollisions;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a record costs is in proportion to its bytes, however its parts multiply. Told by what is
 * allocated, which is the same on every machine.
 */
final class MetricWorkTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-23T10:30:00Z"));
  private static final long NOW = TimeUnit.MILLISECONDS.toNanos(CLOCK.millis());
  private static final String LARGE = "x".repeat(1 << 20);
  private static final int MANY = 1_000;
  private static final long ALLOCATED_MAX = 256L << 20;

  /** About a megabyte each, of which a naive reader would make a gigabyte. */
  private enum Multiplied {
    SERVICE_NAME_BY_POINTS {
      @Override
      ResourceMetrics.Builder resource() {
        return of(attribute("service.name", LARGE), gauge("load"));
      }
    },
    SERVICE_NAME_OF_SERIES_BY_POINTS {
      @Override
      ResourceMetrics.Builder resource() {
        return of(
            attribute("service.name", LARGE.substring(0, MetricBuffer.LABEL_CHARS_MAX - 100)),
            gauge("load", 30 * MANY));
      }
    },
    RESOURCE_ATTRIBUTE_BY_POINTS {
      @Override
      ResourceMetrics.Builder resource() {
        return of(attribute("filler", LARGE), gauge("load"));
      }
    },
    DESCRIPTION_BY_POINTS {
      @Override
      ResourceMetrics.Builder resource() {
        return of(attribute("service.name", "cart"), gauge("load").setDescription(LARGE));
      }
    },
    NAME_BY_POINTS {
      @Override
      ResourceMetrics.Builder resource() {
        return of(attribute("service.name", "cart"), gauge(LARGE));
      }
    },
    NAME_BY_BUCKETS {
      @Override
      ResourceMetrics.Builder resource() {
        return of(attribute("service.name", "cart"), histogram(LARGE, List.of()));
      }
    },
    ATTRIBUTES_BY_BUCKETS {
      @Override
      ResourceMetrics.Builder resource() {
        List<KeyValue> attributes = new ArrayList<>();
        for (int i = 0; i < 30 * MANY; i++) {
          attributes.add(attribute("key" + i, "value"));
        }
        return of(attribute("service.name", "cart"), histogram("load", attributes));
      }
    },
    ATTRIBUTES_OF_ONE_LABEL {
      @Override
      ResourceMetrics.Builder resource() {
        List<KeyValue> attributes = new ArrayList<>();
        for (int i = 0; i < 30 * MANY; i++) {
          attributes.add(attribute("key" + (char) ('\u4e00' + i), "a value of some length"));
        }
        return of(attribute("service.name", "cart"), histogram("load", attributes));
      }
    };

    abstract ResourceMetrics.Builder resource();

    static ResourceMetrics.Builder of(KeyValue ofResource, Metric.Builder metric) {
      return ResourceMetrics.newBuilder()
          .setResource(Resource.newBuilder().addAttributes(ofResource))
          .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric));
    }

    static KeyValue attribute(String key, String value) {
      return KeyValue.newBuilder()
          .setKey(key)
          .setValue(AnyValue.newBuilder().setStringValue(value))
          .build();
    }

    static Metric.Builder gauge(String name) {
      return gauge(name, MANY);
    }

    static Metric.Builder gauge(String name, int points) {
      Gauge.Builder gauge = Gauge.newBuilder();
      for (int i = 0; i < points; i++) {
        gauge.addDataPoints(
            NumberDataPoint.newBuilder()
                .setTimeUnixNano(NOW)
                .setAsInt(i)
                .addAttributes(attribute("number", Integer.toString(i))));
      }
      return Metric.newBuilder().setName(name).setGauge(gauge);
    }

    static Metric.Builder histogram(String name, List<KeyValue> attributes) {
      HistogramDataPoint.Builder point =
          HistogramDataPoint.newBuilder()
              .setTimeUnixNano(NOW)
              .addAllAttributes(attributes)
              .addBucketCounts(1);
      for (int i = 0; i < MANY; i++) {
        point.addExplicitBounds(i).addBucketCounts(1);
      }
      return Metric.newBuilder()
          .setName(name)
          .setHistogram(
              Histogram.newBuilder()
                  .setAggregationTemporality(
                      AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                  .addDataPoints(point));
    }
  }

  @ParameterizedTest
  @EnumSource
  void work_isInProportionToTheRecord_whateverIsMultiplied(Multiplied shape) {
    byte[] body =
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(shape.resource())
            .build()
            .toByteArray();
    MetricBuffer buffer =
        new MetricBuffer(
            new Window(CLOCK, Duration.ofDays(7), Duration.ofHours(1)),
            CLOCK,
            0,
            IdentifyingAttributes.DEFAULT,
            List.of(),
            new RecentlySeen<>(CLOCK),
            new MetricHeap(new TotalsMemory(16 << 20), 16 << 20),
            RecentItems.ofProcess(CLOCK),
            new SeriesCollisions(CLOCK));

    long before = allocated();
    buffer.add(new ConsumerRecord<>("otlp_metrics", 0, 0, new byte[0], body));
    assertThat(buffer.drain(0).get()).isNotNull();

    assertThat(allocated() - before).isLessThan(ALLOCATED_MAX);
  }

  private static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
  }
}
