package dev.tocsin.common.runtime;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * Something that holds a resource. Construction does no I/O; {@link #start} acquires, {@link #stop}
 * releases what this component itself opened, may be called in any state and more than once. All
 * methods return at once and are called from any thread.
 */
public interface Component {
  /**
   * What a {@link #check} may wait for a dependency. Whoever asks for health waits little longer,
   * and takes a component that does not answer for broken, although it may know that it only waits.
   */
  Duration CHECK_WAIT_MAX = Duration.ofSeconds(2);

  /** A short name for logs and health bodies, such as {@code kafka-producer}. */
  String name();

  /**
   * Completes when the component works; fails when it cannot work without a change from outside.
   */
  Future<Void> start();

  /** Completes when everything is released; never fails for a component that was not started. */
  Future<Void> stop();

  /** How it is now, within {@link #CHECK_WAIT_MAX}. */
  default Future<Health> check() {
    return Future.succeededFuture(Health.healthy());
  }

  /** Whether requests sent here now would be served; decides {@code /ready}. */
  default boolean ready() {
    return true;
  }
}
