package dev.tocsin.alert.evaluate.consume;

import dev.tocsin.alert.evaluate.Evaluation;
import dev.tocsin.alert.evaluate.StateStore;
import dev.tocsin.alert.evaluate.WindowFeed;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.common.runtime.ServiceContext;
import java.util.Map;

/**
 * The consumers of evaluation.
 *
 * @param rules follows rule groups and ownership; to be stopped before the evaluation
 * @param samples fills the live window
 */
public record Followers(PollLoop rules, PollLoop samples, WindowFeed feed, StateStore states) {
  private static final String RULES_GROUP = "tocsin-alert-rules";

  public static Followers create(
      Evaluation evaluation, KafkaSettings kafka, ServiceContext context) {
    SampleFeed feed = new SampleFeed(context.metrics());
    Map<String, String> membership =
        Map.of(
            "group.id",
            RULES_GROUP,
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
            "session.timeout.ms",
            "10000",
            "heartbeat.interval.ms",
            "2000");
    PollLoop rules =
        new PollLoop("alert-rules", kafka, membership, () -> new RulesWork(evaluation.ownership()));
    PollLoop samples =
        new PollLoop(
            "alert-samples",
            kafka,
            Map.of("max.poll.records", "2000"),
            () ->
                new SampleWork(
                    feed,
                    evaluation.window(),
                    evaluation.up(),
                    context.clock(),
                    evaluation.heartbeatHistoryMs()));
    return new Followers(rules, samples, feed, new KafkaStateStore(kafka));
  }
}
