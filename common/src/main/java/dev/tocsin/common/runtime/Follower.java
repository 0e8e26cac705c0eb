package dev.tocsin.common.runtime;

import io.vertx.core.Future;

/**
 * A member of a group that nobody waits for while it starts. What it is waiting for, and whether it
 * could start at all, is part of its health.
 */
final class Follower implements Component {
  private final Component component;
  private volatile String waitsFor = "";
  private volatile boolean started;
  private volatile String failure = "";

  Follower(Component component) {
    this.component = component;
  }

  @Override
  public String name() {
    return component.name();
  }

  /** Another member has to start first. */
  void waitFor(String other) {
    waitsFor = other;
  }

  @Override
  public Future<Void> start() {
    waitsFor = "";
    return component
        .start()
        .onSuccess(done -> started = true)
        .onFailure(e -> failure = name() + ": cannot start: " + FailureText.of(e));
  }

  @Override
  public Future<Void> stop() {
    return component.stop();
  }

  @Override
  public Future<Health> check() {
    String broken = failure;
    if (!broken.isEmpty()) {
      return Future.succeededFuture(Health.unhealthy(broken));
    }
    String other = waitsFor;
    return other.isEmpty()
        ? component.check()
        : Future.succeededFuture(Health.degraded(name() + ": waits for " + other));
  }

  @Override
  public boolean ready() {
    return started && component.ready();
  }
}
