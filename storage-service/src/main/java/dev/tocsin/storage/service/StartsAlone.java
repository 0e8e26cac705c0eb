package dev.tocsin.storage.service;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that the others do not wait for: a database to read from may be away while this service
 * stores to its own. Until it is there queries fail, and {@code /ready} says no.
 */
final class StartsAlone implements Component {
  private static final Logger log = LoggerFactory.getLogger(StartsAlone.class);

  private final Component component;

  StartsAlone(Component component) {
    this.component = component;
  }

  @Override
  public String name() {
    return component.name();
  }

  @Override
  public Future<Void> start() {
    Future<Void> unused =
        component.start().onFailure(failure -> log.debug("{}: {}", name(), failure.getMessage()));
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    return component.stop();
  }

  @Override
  public Future<Health> check() {
    return component.check();
  }

  @Override
  public boolean ready() {
    return component.ready();
  }
}
