package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.AlertSize;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.promql.series.StaleMarker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the series that rules make, after the alerts and apart from them: nothing that becomes
 * of a series keeps an alert from being heard. What is refused is looked for as the {@link
 * Announcer} does, and left out.
 */
final class SampleOutlet {
  private static final Logger log = LoggerFactory.getLogger(SampleOutlet.class);
  private static final long REPEAT_MS = 15_000;
  private static final long TRANSACTION_BYTES = 4L << 20;
  private static final int TRIES_MAX = 64;
  private static final int ENDINGS_MAX = 10_000;

  private final Publisher publisher;
  private final EvaluateMetrics metrics;
  private final Repetition repetition = new Repetition(REPEAT_MS);

  /** Ends of series that could not be published: nobody will say them again. */
  private final List<GaugeSample> endings = new ArrayList<>();

  private long failedMs;
  private volatile String problem = "";

  SampleOutlet(Publisher publisher, EvaluateMetrics metrics) {
    this.publisher = publisher;
    this.metrics = metrics;
  }

  /** Why series cannot be published now; empty when all is well. From any thread. */
  String problem() {
    return problem;
  }

  /**
   * @param byGroup samples by the group that made them
   */
  void publish(Map<String, List<GaugeSample>> byGroup, long nowMs) {
    Map<String, List<GaugeSample>> worth = new LinkedHashMap<>();
    byGroup.forEach(
        (group, samples) -> {
          List<GaugeSample> some = repetition.worthPassing(samples);
          if (!some.isEmpty()) {
            worth.put(group, some);
          }
        });
    if (worth.isEmpty() && endings.isEmpty()) {
      forgetWhenOver(nowMs);
      return;
    }
    Turn turn = new Turn(nowMs);
    List<GaugeSample> late = List.copyOf(endings);
    endings.clear();
    turn.deliver(late);
    List<List<GaugeSample>> together = new ArrayList<>();
    long bytes = 0;
    for (List<GaugeSample> samples : worth.values()) {
      long more = size(samples);
      if (bytes + more > TRANSACTION_BYTES) {
        turn.together(together);
        together = new ArrayList<>();
        bytes = 0;
      }
      if (more > TRANSACTION_BYTES) {
        parts(samples).forEach(turn::deliver);
      } else {
        together.add(samples);
        bytes += more;
      }
    }
    turn.together(together);
    conclude(turn, nowMs);
  }

  private void conclude(Turn turn, long nowMs) {
    if (turn.failure.isEmpty()) {
      forgetWhenOver(nowMs);
      return;
    }
    if (problem.isEmpty()) {
      log.warn("recorded series cannot be published: {}", turn.failure);
    }
    failedMs = nowMs;
    problem = "recorded series cannot be published: " + turn.failure;
  }

  /** What is refused is tried again only when it is due again, and what has ended never is. */
  private void forgetWhenOver(long nowMs) {
    problem = Math.abs(nowMs - failedMs) <= 2 * REPEAT_MS ? problem : "";
  }

  private static List<List<GaugeSample>> parts(List<GaugeSample> samples) {
    List<List<GaugeSample>> parts = new ArrayList<>();
    List<GaugeSample> part = new ArrayList<>();
    long bytes = 0;
    for (GaugeSample sample : samples) {
      long more = size(sample);
      if (!part.isEmpty() && bytes + more > TRANSACTION_BYTES) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(sample);
      bytes += more;
    }
    parts.add(part);
    return parts;
  }

  private static long size(List<GaugeSample> samples) {
    return samples.stream().mapToLong(SampleOutlet::size).sum();
  }

  private static long size(GaugeSample sample) {
    return 50 + AlertSize.bytes(sample.labels());
  }

  /** One call's way through all that may happen. */
  private final class Turn {
    private final long nowMs;
    private int tries;
    private boolean worldFailed;
    private String failure = "";

    Turn(long nowMs) {
      this.nowMs = nowMs;
    }

    /** When they are refused together, each group is tried alone. */
    void together(List<List<GaugeSample>> groups) {
      List<GaugeSample> all = groups.stream().flatMap(List::stream).toList();
      if (all.isEmpty()) {
        return;
      }
      try {
        attempt(all);
      } catch (Publisher.Refused e) {
        groups.forEach(this::deliver);
      }
    }

    void deliver(List<GaugeSample> samples) {
      if (samples.isEmpty()) {
        return;
      }
      try {
        attempt(samples);
      } catch (Publisher.Refused e) {
        if (samples.size() == 1 || tries >= TRIES_MAX) {
          metrics.samplesLeftOut(samples.size());
          failure =
              "%d samples are refused, such as %s: %s"
                  .formatted(
                      samples.size(),
                      AlertSize.cut(samples.get(0).labels().toString(), 300),
                      e.getMessage());
          repetition.passed(samples, nowMs);
        } else {
          int half = samples.size() / 2;
          deliver(samples.subList(0, half));
          deliver(samples.subList(half, samples.size()));
        }
      }
    }

    private void attempt(List<GaugeSample> samples) {
      if (worldFailed) {
        keepEndings(samples);
        return;
      }
      tries++;
      try {
        publisher.record(samples);
        repetition.passed(samples, nowMs);
      } catch (Publisher.Refused e) {
        throw e;
      } catch (RuntimeException e) {
        worldFailed = true;
        failure = e.getMessage() == null ? e.toString() : e.getMessage();
        keepEndings(samples);
      }
    }

    private void keepEndings(List<GaugeSample> samples) {
      samples.stream()
          .filter(sample -> StaleMarker.is(sample.value()))
          .limit(Math.max(0, ENDINGS_MAX - endings.size()))
          .forEach(endings::add);
    }
  }
}
