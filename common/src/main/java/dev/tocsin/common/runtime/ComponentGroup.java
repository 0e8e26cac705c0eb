package dev.tocsin.common.runtime;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Components that live and die together: started in the order given, stopped in reverse. When one
 * fails to start, those before it are stopped and the failure is returned.
 */
public final class ComponentGroup implements Component {
  private static final Logger log = LoggerFactory.getLogger(ComponentGroup.class);

  private final String name;
  private final List<Component> members;
  private final AtomicInteger startedCount = new AtomicInteger();
  private volatile boolean running;
  private volatile boolean stopRequested;

  public ComponentGroup(String name, List<? extends Component> members) {
    this.name = name;
    this.members = List.copyOf(members);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    Future<Void> chain = Future.succeededFuture();
    for (Component member : members) {
      chain = chain.compose(ignored -> startMember(member));
    }
    return chain
        .onSuccess(ignored -> running = true)
        .recover(failure -> stop().otherwiseEmpty().compose(v -> Future.failedFuture(failure)));
  }

  private Future<Void> startMember(Component member) {
    if (stopRequested) {
      return Future.failedFuture(new IllegalStateException(name + " was stopped while starting"));
    }
    startedCount.incrementAndGet();
    return member.start();
  }

  @Override
  public Future<Void> stop() {
    stopRequested = true;
    running = false;
    Future<Void> chain = Future.succeededFuture();
    List<Component> reversed = new ArrayList<>(members.subList(0, startedCount.get()));
    Collections.reverse(reversed);
    for (Component member : reversed) {
      chain = chain.compose(ignored -> stopMember(member));
    }
    return chain;
  }

  private static Future<Void> stopMember(Component member) {
    return member
        .stop()
        .onFailure(e -> log.warn("{} did not stop cleanly: {}", member.name(), e.toString()))
        .otherwiseEmpty();
  }

  /** The members in start order, for whoever asks each for its health. */
  public List<Component> members() {
    return members;
  }

  @Override
  public Future<Health> check() {
    Future<Health> worst = Future.succeededFuture(Health.healthy());
    for (Component member : members) {
      worst = worst.compose(sum -> member.check().map(sum::and));
    }
    return worst;
  }

  /** True once every member has started and while each says it can serve. */
  @Override
  public boolean ready() {
    return running && members.stream().allMatch(Component::ready);
  }
}
