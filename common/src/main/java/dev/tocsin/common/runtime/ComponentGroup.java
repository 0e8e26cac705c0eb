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
 *
 * <p>A group may tell those without which nothing can be served from those that work beside: a
 * service goes on answering people while what it consumes from is away, at its start too. The
 * latter start after the former, in their order, while nobody waits for them; one that cannot start
 * is unhealthy, and those after it wait.
 */
public final class ComponentGroup implements Component {
  private static final Logger log = LoggerFactory.getLogger(ComponentGroup.class);

  private final String name;
  private final List<Component> serving;
  private final List<Follower> beside;

  /** All in start order. */
  private final List<Component> members;

  private final AtomicInteger startedCount = new AtomicInteger();
  private volatile boolean running;
  private volatile boolean stopRequested;

  /** Serving depends on every member. */
  public ComponentGroup(String name, List<? extends Component> members) {
    this(name, members, List.of());
  }

  /**
   * @param serving without any of these nothing is served: {@link #start} and {@link #ready} are
   *     about them
   * @param beside serving does not depend on these
   */
  public ComponentGroup(
      String name, List<? extends Component> serving, List<? extends Component> beside) {
    this.name = name;
    this.serving = List.copyOf(serving);
    this.beside = beside.stream().map(Follower::new).toList();
    List<Component> all = new ArrayList<>(serving);
    all.addAll(this.beside);
    this.members = List.copyOf(all);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    Future<Void> chain = Future.succeededFuture();
    for (Component member : serving) {
      chain = chain.compose(ignored -> startMember(member));
    }
    return chain
        .onSuccess(
            ignored -> {
              running = true;
              startBeside();
            })
        .recover(failure -> stop().otherwiseEmpty().compose(v -> Future.failedFuture(failure)));
  }

  private void startBeside() {
    Future<Void> chain = Future.succeededFuture();
    String before = "";
    for (Follower member : beside) {
      if (!before.isEmpty()) {
        member.waitFor(before);
      }
      before = member.name();
      chain = chain.compose(ignored -> startFollower(member));
    }
    chain.onFailure(e -> log.debug("{}: not everything has started: {}", name, e.toString()));
  }

  private Future<Void> startFollower(Follower member) {
    return startMember(member)
        .onFailure(
            e -> {
              if (!stopRequested) {
                log.error("{} goes on without {}: {}", name, member.name(), FailureText.of(e), e);
              }
            });
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

  /** All members in start order, for whoever asks each for its health. */
  public List<Component> members() {
    return members;
  }

  /** The members serving depends on. */
  public List<Component> serving() {
    return serving;
  }

  /** The members that work beside. */
  public List<Component> beside() {
    return List.copyOf(beside);
  }

  @Override
  public Future<Health> check() {
    Future<Health> worst = Future.succeededFuture(Health.healthy());
    for (Component member : members) {
      worst = worst.compose(sum -> member.check().map(sum::and));
    }
    return worst;
  }

  /** True once every member that serving depends on has started, and while each can serve. */
  @Override
  public boolean ready() {
    return running && serving.stream().allMatch(Component::ready);
  }
}
