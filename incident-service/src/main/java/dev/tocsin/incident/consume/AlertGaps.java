package dev.tocsin.incident.consume;

import dev.tocsin.common.kafka.Resume;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs and counts records that are missing. */
final class AlertGaps {
  private static final Logger log = LoggerFactory.getLogger(AlertGaps.class);

  private final MeterRegistry metrics;

  AlertGaps(MeterRegistry metrics) {
    this.metrics = metrics;
    for (Resume.Reason reason : Resume.Reason.values()) {
      count(reason, 0);
    }
  }

  void found(TopicPartition partition, List<Resume.Gap> gaps) {
    for (Resume.Gap gap : gaps) {
      String to = gap.to().isPresent() ? "to " + gap.to().getAsLong() : "on";
      log.error(
          "records of {} from offset {} {} are missing: {}",
          partition,
          gap.from(),
          to,
          gap.reason());
      count(gap.reason(), 1);
    }
  }

  private void count(Resume.Reason reason, int amount) {
    String text = reason.name().toLowerCase(Locale.ROOT);
    metrics.counter("tocsin.alert.gaps", "reason", text).increment(amount);
  }
}
