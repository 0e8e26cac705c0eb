package dev.tocsin.app.up;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A component that can be built only when those before it have started. */
final class Deferred implements Component {
  private final String name;
  private final Supplier<? extends Component> factory;
  private volatile @Nullable Component built;

  Deferred(String name, Supplier<? extends Component> factory) {
    this.name = name;
    this.factory = factory;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    Component component;
    try {
      component = factory.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
    built = component;
    return component.start();
  }

  @Override
  public Future<Void> stop() {
    Component component = built;
    return component == null ? Future.succeededFuture() : component.stop();
  }

  @Override
  public Future<Health> check() {
    Component component = built;
    return component == null
        ? Future.succeededFuture(Health.degraded(name + " has not started"))
        : component.check();
  }

  @Override
  public boolean ready() {
    Component component = built;
    return component != null && component.ready();
  }
}
