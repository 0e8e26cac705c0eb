package dev.tocsin.alert.service;

import dev.tocsin.alert.evaluate.Evaluation;
import dev.tocsin.alert.ports.StateStore;
import dev.tocsin.alert.rules.follow.KafkaStateStore;
import dev.tocsin.alert.rules.follow.Membership;
import dev.tocsin.alert.rules.follow.RulesWork;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.alert.window.fill.SampleFeed;
import dev.tocsin.alert.window.fill.SampleWork;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import io.micrometer.core.instrument.Gauge;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The consumers of evaluation.
 *
 * @param rules follows rule groups and ownership; to be stopped before the evaluation
 * @param samples fills the live window
 * @param membership as whom this process may speak about the groups it owns
 */
public record Followers(
    RecordLoop rules,
    RecordLoop samples,
    WindowFeed feed,
    StateStore states,
    Supplier<Membership> membership) {
  public static Followers create(
      Evaluation evaluation,
      KafkaSettings kafka,
      IdentifyingAttributes identifying,
      ServiceContext context) {
    AtomicReference<Membership> membership = new AtomicReference<>(Membership.NONE);
    RecordLoop rules =
        RecordLoop.create(
            "alert-rules",
            kafka,
            Map.of(
                "group.id",
                Membership.GROUP,
                "partition.assignment.strategy",
                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
                "session.timeout.ms",
                "10000",
                "heartbeat.interval.ms",
                "2000"),
            PartitionChoice.shared(List.of(Topic.RULES.name())),
            () -> new RulesWork(evaluation.ownership(), membership::set),
            Aside.counting(context.metrics()),
            context.metrics());
    SampleFeed feed = new SampleFeed();
    SampleWork.WindowState window =
        new SampleWork.WindowState(
            feed,
            evaluation.window(),
            evaluation.up(),
            context.clock(),
            System::nanoTime,
            evaluation.heartbeatHistoryMs(),
            identifying);
    RecordLoop samples =
        RecordLoop.create(
            "alert-samples",
            kafka,
            Map.of("max.poll.records", "2000"),
            PartitionChoice.all(List.of(Topic.METRICS.name(), Topic.DERIVED.name())),
            () -> new SampleWork(window),
            Aside.counting(context.metrics()),
            context.metrics());
    Gauge.builder("tocsin.window.lag.records", samples, RecordLoop::lag)
        .description("Records in Kafka that are not in the live window yet")
        .register(context.metrics());
    return new Followers(rules, samples, feed, new KafkaStateStore(kafka), membership::get);
  }
}
