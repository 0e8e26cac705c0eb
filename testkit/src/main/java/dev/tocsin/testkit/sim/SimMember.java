package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.RecordSource.Membership;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** A consumer as a member of its group: what it believes to have. */
final class SimMember {
  private final SimGroup group;
  private final SimScheduler scheduler;
  private final Set<String> topics;
  private final Membership membership;
  private final Set<TopicPartition> owned = new LinkedHashSet<>();
  private String memberId;
  private int generation;
  private long heardNanos;

  SimMember(SimGroup group, SimScheduler scheduler, Set<String> topics, Membership membership) {
    this.group = group;
    this.scheduler = scheduler;
    this.topics = topics;
    this.membership = membership;
    this.heardNanos = scheduler.nanoTime();
    this.memberId = "";
  }

  Set<String> topics() {
    return topics;
  }

  String memberId() {
    return memberId;
  }

  int generation() {
    return generation;
  }

  long heardNanos() {
    return heardNanos;
  }

  Set<TopicPartition> owned() {
    return owned;
  }

  void heard() {
    heardNanos = scheduler.nanoTime();
  }

  void join() {
    memberId = group.join(this);
  }

  /** What a poll does for the group: lets go what others are to have, takes what is free. */
  void duties() {
    heard();
    group.expelSilent();
    if (!group.has(this)) {
      revoke(new ArrayList<>(owned));
      join();
    }
    boolean rebalanced = generation != group.generation();
    if (rebalanced) {
      List<TopicPartition> leaving = new ArrayList<>(owned);
      if (group.cooperative()) {
        leaving.removeIf(partition -> group.wantedBy(this, partition));
      }
      revoke(leaving);
      generation = group.generation();
    }
    List<TopicPartition> gained = group.claim(this);
    if (!gained.isEmpty()) {
      scheduler.trace().add(memberId + " gets " + gained);
      owned.addAll(gained);
    }
    if (rebalanced || !gained.isEmpty()) {
      membership.assigned(gained);
    }
  }

  private void revoke(List<TopicPartition> leaving) {
    if (!leaving.isEmpty()) {
      scheduler.trace().add(memberId + " gives up " + leaving);
      membership.revoked(leaving);
      leaving.forEach(owned::remove);
      group.release(this, leaving);
    }
  }

  void leave() {
    revoke(new ArrayList<>(owned));
    group.leave(this);
  }
}
