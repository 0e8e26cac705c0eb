package dev.tocsin.common.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComponentGroupTest {
  private final List<String> events = new ArrayList<>();

  private final class Part implements Component {
    private final String name;
    private final boolean startable;

    Part(String name, boolean startable) {
      this.name = name;
      this.startable = startable;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Future<Void> start() {
      events.add("start " + name);
      return startable ? Future.succeededFuture() : Future.failedFuture("no " + name);
    }

    @Override
    public Future<Void> stop() {
      events.add("stop " + name);
      return startable ? Future.succeededFuture() : Future.failedFuture("never started");
    }
  }

  @Test
  void group_startsInOrder_stopsInReverse_andIsReadyInBetween() {
    ComponentGroup group =
        new ComponentGroup("g", List.of(new Part("a", true), new Part("b", true)));
    assertThat(group.ready()).isFalse();
    assertThat(group.start().succeeded()).isTrue();
    assertThat(group.ready()).isTrue();
    assertThat(group.stop().succeeded()).isTrue();
    assertThat(group.ready()).isFalse();
    assertThat(events).containsExactly("start a", "start b", "stop b", "stop a");
  }

  @Test
  void group_stopsWhatItStarted_whenOnePartFails_andReturnsThatFailure() {
    ComponentGroup group =
        new ComponentGroup(
            "g", List.of(new Part("a", true), new Part("b", false), new Part("c", true)));
    assertThat(group.start().cause()).hasMessage("no b");
    assertThat(events).containsExactly("start a", "start b", "stop b", "stop a");
    assertThat(group.ready()).isFalse();
  }
}
