package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.EvaluationSettings;
import dev.tocsin.alert.window.WindowLimits;
import dev.tocsin.promql.engine.EngineOptions;
import java.time.Duration;

/**
 * How {@code evaluate} works.
 *
 * @param instance names this process among all
 * @param interval of groups that name none, and of {@code up}
 * @param heartbeatTimeout silence after which an instance is down
 * @param forgetAfter silence after which its {@code up} ends
 * @param settledAfter for how long an instance has to have reported before it can be down
 * @param pipelineSilence without heartbeats of derive after which nobody's silence counts
 * @param upTargetsMax how many instances have an {@code up}
 */
public record EvaluateOptions(
    String instance,
    Duration interval,
    EvaluationSettings settings,
    Duration heartbeatTimeout,
    Duration forgetAfter,
    Duration settledAfter,
    Duration pipelineSilence,
    int upTargetsMax,
    WindowLimits window,
    EngineOptions engine) {}
