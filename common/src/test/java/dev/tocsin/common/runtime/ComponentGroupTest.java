package dev.tocsin.common.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
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

  private static final class Waiting implements Component {
    final Promise<Void> started = Promise.promise();
    boolean stopped;

    @Override
    public String name() {
      return "kafka";
    }

    @Override
    public Future<Void> start() {
      return started.future();
    }

    @Override
    public Future<Void> stop() {
      stopped = true;
      started.tryFail("stopped while waiting");
      return Future.succeededFuture();
    }

    @Override
    public boolean ready() {
      return false;
    }
  }

  @Test
  void group_serves_whileWhatWorksBesideStillStarts() {
    Waiting kafka = new Waiting();
    ComponentGroup group =
        new ComponentGroup(
            "g", List.of(new Part("api", true)), List.of(kafka, new Part("consumer", true)));
    assertThat(group.start().succeeded()).isTrue();
    assertThat(group.ready()).isTrue();
    assertThat(events).containsExactly("start api");
    assertThat(group.check().result()).isEqualTo(Health.degraded("consumer: waits for kafka"));

    kafka.started.complete();
    assertThat(events).containsExactly("start api", "start consumer");
    assertThat(group.check().result()).isEqualTo(Health.healthy());
    assertThat(group.stop().succeeded()).isTrue();
    assertThat(events).containsExactly("start api", "start consumer", "stop consumer", "stop api");
  }

  @Test
  void group_goesOnServing_andNamesWhatCannotStartBeside() {
    ComponentGroup group =
        new ComponentGroup(
            "g",
            List.of(new Part("api", true)),
            List.of(new Part("consumer", false), new Part("pump", true)));
    assertThat(group.start().succeeded()).isTrue();
    assertThat(group.ready()).isTrue();
    assertThat(group.check().result())
        .isEqualTo(
            new Health.Unhealthy(
                List.of("consumer: cannot start: no consumer", "pump: waits for consumer")));
  }

  @Test
  void group_startsNothingMore_onceItIsStopped() {
    Waiting kafka = new Waiting();
    ComponentGroup group =
        new ComponentGroup(
            "g", List.of(new Part("api", true)), List.of(kafka, new Part("consumer", true)));
    assertThat(group.start().succeeded()).isTrue();
    assertThat(group.stop().succeeded()).isTrue();
    assertThat(kafka.stopped).isTrue();
    assertThat(events).containsExactly("start api", "stop api");
  }
}
