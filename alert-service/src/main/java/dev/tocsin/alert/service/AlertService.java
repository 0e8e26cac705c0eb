package dev.tocsin.alert.service;

import dev.tocsin.alert.derive.Derive;
import dev.tocsin.alert.derive.DeriveOptions;
import dev.tocsin.alert.evaluate.EvaluateOptions;
import dev.tocsin.alert.evaluate.Evaluation;
import dev.tocsin.alert.evaluate.group.EvaluationSettings;
import dev.tocsin.alert.http.AlertRoutes;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.publish.KafkaPublisher;
import dev.tocsin.alert.rules.RuleFiles;
import dev.tocsin.alert.rules.follow.RulesTopic;
import dev.tocsin.alert.window.WindowLimits;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.KafkaTransactions;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.promql.engine.EngineOptions;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The alert service put together: derive, evaluate, and the HTTP API over both. */
public final class AlertService implements Service {
  private static final Logger log = LoggerFactory.getLogger(AlertService.class);
  private static final List<Topic> TOPICS =
      List.of(
          Topic.SPANS,
          Topic.METRICS,
          Topic.LOGS,
          Topic.DERIVED,
          Topic.ALERTS,
          Topic.ALERT_STATE,
          Topic.RULES,
          Topic.DEAD_LETTER);

  private static final Duration LOOKBACK = Duration.ofMinutes(5);
  private static final Duration FUTURE = Duration.ofMinutes(10);

  private final ComponentGroup group;
  private final ServiceHttp http;
  private final String host;

  private AlertService(AlertConfig config, ServiceContext context) {
    Vertx vertx = context.vertx();
    KafkaSettings kafka = config.kafka();
    String instanceId = instanceId(config);
    Evaluation evaluation = new Evaluation(evaluateOptions(config, instanceId));
    Followers followers = Followers.create(evaluation, kafka, config.identifying(), context);
    Publisher publisher =
        new KafkaPublisher(
            KafkaTransactions.create(kafka, "tocsin-alert-evaluate-" + instanceId),
            followers.membership());
    Evaluation.Running running =
        evaluation.running(followers.states(), followers.feed(), publisher, context);
    RuleFiles ruleFiles = new RuleFiles(vertx, config.defaultRules(), config.ruleFiles());
    RecordProducer producer =
        new RecordProducer(vertx, kafka, List.of(Topic.RULES, Topic.DEAD_LETTER), Map.of());
    host = config.listen().host();
    http =
        new ServiceHttp(
            context,
            config.listen(),
            this::group,
            router -> AlertRoutes.mount(router, running::groups));
    // Stopping goes backwards: groups are let go while the evaluation can still publish.
    List<Component> members =
        new ArrayList<>(
            List.of(
                ruleFiles,
                http,
                new KafkaTopics(vertx, kafka, TOPICS),
                producer,
                new RulesTopic(vertx, kafka, producer, ruleFiles::groups),
                running.component(),
                followers.samples(),
                followers.rules()));
    members.addAll(
        Derive.loops(
            deriveOptions(config, instanceId),
            kafka,
            new DeadLetters("derive", producer, context.metrics()),
            context));
    group = new ComponentGroup("alert-service", members);
  }

  public static AlertService create(AlertConfig config, ServiceContext context) {
    return new AlertService(config, context);
  }

  /**
   * Host and port tell instances apart, and are the same after a restart: Kafka then ends at once
   * what a killed predecessor left open. With a port chosen by the system that cannot be.
   */
  private static String instanceId(AlertConfig config) {
    if (!config.instanceId().isEmpty()) {
      return config.instanceId();
    }
    int port = config.listen().port();
    return hostName() + "-" + (port == 0 ? UUID.randomUUID().toString() : port);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static EvaluateOptions evaluateOptions(AlertConfig config, String instanceId) {
    return new EvaluateOptions(
        instanceId,
        config.evaluationInterval(),
        new EvaluationSettings(
            config.resendInterval(), config.resolvedRetention(), config.externalUrl()),
        config.heartbeatTimeout(),
        config.heartbeatForgetAfter(),
        config.heartbeatSettledAfter(),
        config.heartbeatInterval().multipliedBy(3),
        config.instancesMax(),
        windowLimits(config),
        EngineOptions.defaults()
            .withLookback(LOOKBACK)
            .withTimeout(config.queryTimeout())
            .withSamplesMax(config.querySamplesMax()));
  }

  /** No setting may let telemetry fill the heap. */
  private static WindowLimits windowLimits(AlertConfig config) {
    WindowLimits wanted =
        new WindowLimits(
            config.windowSeriesMax(),
            config.windowSamplesMax(),
            config.windowLabelsBytesMax(),
            config.windowResolution().toMillis(),
            LOOKBACK.toMillis(),
            FUTURE.toMillis());
    WindowLimits limits = wanted.within(Runtime.getRuntime().maxMemory());
    if (!limits.equals(wanted)) {
      log.info(
          "the heap has room for a live window of {} series, {} samples, {} characters of labels",
          limits.seriesMax(),
          limits.samplesMax(),
          limits.labelsMax());
    }
    return limits;
  }

  private static DeriveOptions deriveOptions(AlertConfig config, String instanceId) {
    return new DeriveOptions(
        instanceId,
        config.deriveThreads(),
        config.deriveBatch(),
        config.deriveBatchBytesMax(),
        config.heartbeatInterval(),
        config.servicesMax(),
        config.spanNamesPerServiceMax(),
        config.instancesMax());
  }

  private ComponentGroup group() {
    return group;
  }

  @Override
  public Component parts() {
    return group;
  }

  @Override
  public Map<String, String> endpoints() {
    return Map.of("alert API", "http://" + new Listen(host, http.port()));
  }
}
