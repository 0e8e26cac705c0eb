package dev.tocsin.alert.rules;

import dev.tocsin.common.contract.RuleGroupRecord;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which rule groups this instance owns: those in the partitions of the rules topic that Kafka has
 * assigned to it and that have been read to their end. Told by the thread that follows the topic,
 * read by the evaluation thread.
 */
public final class Ownership {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Waiting waiting;
  private final Map<Integer, Map<String, Optional<RuleGroupRecord>>> byPartition = new HashMap<>();
  private final Map<Integer, Long> tenures = new HashMap<>();
  private final Set<Integer> caughtUp = new HashSet<>();
  private long version;
  private long confirmed;
  private @Nullable Runnable wake;

  /** How one who gives groups up waits for the evaluation to let go of them. */
  public interface Waiting {
    /**
     * Waits for the condition, called with its lock held.
     *
     * @return how much of the time is left
     */
    long await(Condition changed, long nanos) throws InterruptedException;
  }

  public Ownership() {
    this(Condition::awaitNanos);
  }

  public Ownership(Waiting waiting) {
    this.waiting = waiting;
  }

  /**
   * The state at one moment.
   *
   * @param groups by key
   * @param partitions owned and read to their end
   */
  public record Snapshot(long version, Map<String, Owned> groups, Set<Integer> partitions) {}

  /**
   * An owned group.
   *
   * @param definition empty when the group has been deleted
   * @param tenure another one when the group has been given up and taken over since
   */
  public record Owned(Optional<RuleGroupRecord> definition, long tenure) {}

  /** Runs the task whenever something changed, on the thread that changed it. */
  public void onChange(Runnable task) {
    lock.lock();
    try {
      wake = task;
    } finally {
      lock.unlock();
    }
  }

  public void assigned(Collection<Integer> partitions) {
    change(
        () -> {
          for (int partition : partitions) {
            byPartition.put(partition, new HashMap<>());
            tenures.merge(partition, 1L, Long::sum);
            caughtUp.remove(partition);
          }
        });
  }

  /** A record of an assigned partition; empty when the group has been deleted. */
  public void group(int partition, String key, Optional<RuleGroupRecord> definition) {
    change(
        () -> {
          Map<String, Optional<RuleGroupRecord>> groups = byPartition.get(partition);
          if (groups != null) {
            groups.put(key, definition);
          }
        });
  }

  /** The partition has been read to where it ended when it was assigned. */
  public void caughtUp(int partition) {
    change(() -> caughtUp.add(partition));
  }

  /**
   * The partitions belong to somebody else now. Returns once the evaluation thread has let go of
   * their groups, so that the next owner finds all states published.
   *
   * @return false when that took longer than the time given
   */
  public boolean revoked(Collection<Integer> partitions, long waitMs) throws InterruptedException {
    lock.lock();
    try {
      partitions.forEach(byPartition::remove);
      caughtUp.removeAll(partitions);
      long target = ++version;
      notifyListener();
      long nanos = TimeUnit.MILLISECONDS.toNanos(waitMs);
      while (confirmed < target && nanos > 0) {
        nanos = waiting.await(changed, nanos);
      }
      return confirmed >= target;
    } finally {
      lock.unlock();
    }
  }

  public Snapshot snapshot() {
    lock.lock();
    try {
      Map<String, Owned> groups = new HashMap<>();
      for (int partition : caughtUp) {
        long tenure = tenures.getOrDefault(partition, 0L);
        byPartition
            .getOrDefault(partition, Map.of())
            .forEach((key, definition) -> groups.put(key, new Owned(definition, tenure)));
      }
      return new Snapshot(version, Map.copyOf(groups), Set.copyOf(caughtUp));
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing has changed since that snapshot. */
  public boolean isCurrent(long snapshotVersion) {
    lock.lock();
    try {
      return version == snapshotVersion;
    } finally {
      lock.unlock();
    }
  }

  /** The evaluation thread works by the snapshot of that version, and by none before it. */
  public void confirm(long snapshotVersion) {
    lock.lock();
    try {
      confirmed = Math.max(confirmed, snapshotVersion);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      version++;
      notifyListener();
    } finally {
      lock.unlock();
    }
  }

  private void notifyListener() {
    if (wake != null) {
      wake.run();
    }
  }
}
