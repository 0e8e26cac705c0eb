package dev.tocsin.incident.ports;

import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;

/**
 * Delivers messages to one kind of destination.
 *
 * <p>The same message may come again, after a crash or a lost answer: what identifies it towards
 * the provider must be derived from it alone. The future never fails for what a provider or the
 * network does; that is an {@link Outcome}. Called on an event loop, many sends at a time.
 */
public interface Notifier {

  /** The name used in policies, in the database and as metric label, such as {@code slack}. */
  String channel();

  Future<Outcome> send(Message message);

  /** How the destination is, as far as deliveries have shown. */
  default Health health() {
    return Health.healthy();
  }
}
