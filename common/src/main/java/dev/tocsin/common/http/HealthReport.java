package dev.tocsin.common.http;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.FailureText;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What {@code /health} answers: the worst state of all components with all issues, and each
 * component's own.
 */
record HealthReport(Health all, Map<String, Health> components) {
  /** Less than whoever asks waits: the console 3 s, a container's health check 5 s. */
  private static final long CHECK_TIMEOUT_MS = Component.CHECK_WAIT_MAX.toMillis() + 500;

  /** How long an answer waits for checks to end; most do sooner. */
  private static final long ANSWER_WAIT_MS = 35;

  /** How long the report on components may take, and who runs their checks. */
  static final class Source {
    private final WorkerExecutor worker;
    private final Supplier<List<Component>> components;
    private final IdentityHashMap<Component, Future<Health>> asked = new IdentityHashMap<>();
    private final IdentityHashMap<Component, Health> known = new IdentityHashMap<>();
    private Future<HealthReport> running = Future.failedFuture("not asked yet");

    /**
     * @param worker bears checks that hang in the call itself; each component holds one of its
     *     threads at most
     */
    Source(WorkerExecutor worker, Supplier<List<Component>> components) {
      this.worker = worker;
      this.components = components;
    }

    /**
     * How the components are, at once: those that answer now by what they answer, the others by
     * what is known of them from before, as one that hangs must not hide what it hangs on. The
     * checks go on meanwhile. From any thread; completes on any.
     */
    Future<HealthReport> answer() {
      Promise<HealthReport> soon = Promise.promise();
      check().onComplete(soon::tryComplete, soon::tryFail);
      return soon.future()
          .timeout(ANSWER_WAIT_MS, TimeUnit.MILLISECONDS)
          .otherwise(late -> lastKnown());
    }

    private synchronized HealthReport lastKnown() {
      List<Component> all = components.get();
      return of(all, all.stream().map(this::lastKnown).toList());
    }

    private Health lastKnown(Component component) {
      Health health = known.get(component);
      return health == null
          ? Health.degraded(component.name() + ": has not answered yet how it is")
          : health;
    }

    private synchronized Health remember(Component component, Health health) {
      known.put(component, health);
      return health;
    }

    /**
     * Asks all components at once. One that does not answer in time, throws or fails is unhealthy
     * and named; the report itself never fails and never takes longer. However many ask, a
     * component is asked once at a time. From any thread; completes on any.
     */
    synchronized Future<HealthReport> check() {
      if (running.isComplete()) {
        List<Component> all = components.get();
        List<Future<Health>> answers = all.stream().map(this::ask).toList();
        running =
            Future.join(new ArrayList<>(answers))
                .otherwiseEmpty()
                .map(done -> of(all, answers.stream().map(Future::result).toList()));
      }
      return running;
    }

    private Future<Health> ask(Component component) {
      Future<Health> before = asked.get(component);
      Future<Health> answer =
          before == null || before.isComplete()
              ? worker.executeBlocking(component::check, false).compose(health -> health)
              : before;
      asked.put(component, answer);
      // No context's own time-out: that context may be what hangs.
      Promise<Health> inTime = Promise.promise();
      answer.onComplete(inTime::tryComplete, inTime::tryFail);
      return inTime
          .future()
          .timeout(CHECK_TIMEOUT_MS, TimeUnit.MILLISECONDS)
          .otherwise(
              failure ->
                  Health.unhealthy(
                      component.name()
                          + (failure instanceof TimeoutException
                              ? ": no answer in " + CHECK_TIMEOUT_MS + " ms"
                              : ": " + FailureText.of(failure))))
          .map(health -> remember(component, health));
    }
  }

  private static HealthReport of(List<Component> asked, List<Health> answers) {
    Health all = Health.healthy();
    Map<String, Health> components = new LinkedHashMap<>();
    for (int i = 0; i < asked.size(); i++) {
      Health health = answers.get(i);
      components.merge(asked.get(i).name(), health, Health::and);
      all = all.and(health);
    }
    return new HealthReport(all, components);
  }

  JsonObject json() {
    JsonObject each = new JsonObject();
    JsonArray notes = new JsonArray();
    components.forEach(
        (name, health) -> {
          each.put(name, describe(health));
          health.notes().forEach(notes::add);
        });
    // Also where others are ill: "all" keeps what is wrong only.
    return describe(all).put("notes", notes).put("components", each);
  }

  private static JsonObject describe(Health health) {
    return new JsonObject()
        .put("status", health.state())
        .put("issues", new JsonArray(health.issues()))
        .put("notes", new JsonArray(health.notes()));
  }
}
