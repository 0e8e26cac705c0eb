package dev.tocsin.common.runtime;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A service of its own process that comes to the end its argument names. */
final class DoomedService implements Service {
  private final String end;

  private DoomedService(String end) {
    this.end = end;
  }

  public static void main(String[] args) {
    String end = args[0];
    new ServiceMain<>("doomed", settings -> end, (config, context) -> new DoomedService(config))
        .run();
  }

  @Override
  public Component parts() {
    return new ComponentGroup("doomed", List.of());
  }

  @Override
  public Future<Void> start() {
    switch (end) {
      case "start" -> {
        return Future.failedFuture(new StackOverflowError());
      }
      case "memory" -> new Thread(DoomedService::fill, "worker").start();
      case "error" ->
          new Thread(
                  () -> {
                    throw new NoClassDefFoundError("dev/tocsin/Gone");
                  },
                  "worker")
              .start();
      default -> throw new IllegalArgumentException(end);
    }
    return Future.succeededFuture();
  }

  @SuppressWarnings("ModifiedButNotUsed") // it is there to fill the heap
  private static void fill() {
    List<byte[]> held = new ArrayList<>();
    while (true) {
      held.add(new byte[1 << 20]);
    }
  }

  @Override
  public Map<String, String> endpoints() {
    return Map.of();
  }
}
