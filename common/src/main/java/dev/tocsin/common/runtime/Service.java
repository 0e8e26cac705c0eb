package dev.tocsin.common.runtime;

import io.vertx.core.Future;
import java.util.Map;

/** A whole service as the {@code tocsin} command and {@link ServiceMain} see it. */
public interface Service extends Component {

  /** All that makes up the service, with its name; the service lives as this does. */
  Component parts();

  @Override
  default String name() {
    return parts().name();
  }

  @Override
  default Future<Void> start() {
    return parts().start();
  }

  @Override
  default Future<Void> stop() {
    return parts().stop();
  }

  @Override
  default Future<Health> check() {
    return parts().check();
  }

  @Override
  default boolean ready() {
    return parts().ready();
  }

  /** Addresses people or programs use, by purpose, such as {@code OTLP gRPC -> 127.0.0.1:4317}. */
  Map<String, String> endpoints();
}
