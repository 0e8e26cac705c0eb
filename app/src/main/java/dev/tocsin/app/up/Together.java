package dev.tocsin.app.up;

import dev.tocsin.common.runtime.Component;
import io.vertx.core.Future;
import java.util.List;

/** Components that do not need each other: started side by side, stopped side by side. */
record Together(String name, List<? extends Component> members) implements Component {

  Together {
    members = List.copyOf(members);
  }

  /** Waits for all, also when one fails, so that none is left half started. */
  @Override
  public Future<Void> start() {
    return Future.join(members.stream().map(Component::start).toList()).mapEmpty();
  }

  @Override
  public Future<Void> stop() {
    return Future.join(members.stream().map(Component::stop).toList()).mapEmpty();
  }

  @Override
  public boolean ready() {
    return members.stream().allMatch(Component::ready);
  }
}
