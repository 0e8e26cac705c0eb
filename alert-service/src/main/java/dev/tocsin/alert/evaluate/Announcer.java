package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.Publication;
import dev.tocsin.alert.ports.Notice;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.common.contract.AlertHeartbeat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what rule groups say about alerts, so that no group and no alert keeps another from
 * being heard. All of a turn goes out in one transaction. When that is refused, each group is tried
 * alone, and within a group ever smaller parts, until the notice that is to blame is known: it is
 * put aside, visibly. When it is the world that fails, and fails again and again, the groups are
 * tried one by one too, those that failed last at the end.
 */
final class Announcer {
  private static final Logger log = LoggerFactory.getLogger(Announcer.class);

  /** Kafka ends a transaction after ten seconds; this much is far from taking so long. */
  static final long TRANSACTION_BYTES = 4L << 20;

  /** Of parts of a turn; what is left then waits for the next turn. */
  private static final int TRIES_MAX = 64;

  private static final int WORLD_FAILURES_BEFORE_ONE_BY_ONE = 3;
  private static final int WORLD_FAILURES_MAX_IN_A_TURN = 2;

  private final EvaluateMetrics metrics;
  private final Set<String> failedLast = new LinkedHashSet<>();
  private int worldFailures;
  private volatile String problem = "";

  /** By rule group what Kafka refused when it published last. */
  private final Map<String, String> refused = new ConcurrentSkipListMap<>();

  /**
   * What became of a turn.
   *
   * @param unpublished notices that are not published, and will have to be said anew
   * @param undecided groups of which it is not known what was published
   */
  record Outcome(Set<Notice> unpublished, Set<String> undecided, Set<Notice> aside) {
    List<Notice> unpublished(String group) {
      return unpublished.stream().filter(notice -> notice.group().equals(group)).toList();
    }

    boolean wentWell(String group) {
      return !undecided.contains(group)
          && unpublished.stream().noneMatch(notice -> notice.group().equals(group))
          && aside.stream().noneMatch(notice -> notice.group().equals(group));
    }
  }

  Announcer(EvaluateMetrics metrics) {
    this.metrics = metrics;
  }

  /** Why not everything can be published now; empty when all is well. From any thread. */
  String problem() {
    return problem;
  }

  /** Which groups have something to say that is put aside, and why. From any thread. */
  List<String> refusals() {
    return List.copyOf(refused.values());
  }

  /** Forgets what was refused of other groups. */
  void keep(Collection<String> groups) {
    refused.keySet().retainAll(groups);
  }

  /**
   * @param voice taken before it was looked whose the groups are
   * @param heartbeats of groups; said only of those whose notices are all published
   */
  Outcome announce(
      Publisher.Voice voice, List<Publication> publications, List<AlertHeartbeat> heartbeats) {
    Map<String, List<Notice>> byGroup = new LinkedHashMap<>();
    for (Publication publication : publications) {
      if (!publication.notices().isEmpty()) {
        byGroup
            .computeIfAbsent(publication.group(), group -> new ArrayList<>())
            .addAll(publication.notices());
      }
    }
    Turn turn = new Turn(voice);
    if (byGroup.isEmpty() && heartbeats.isEmpty()) {
      return turn.outcome();
    }
    List<Notice> all = byGroup.values().stream().flatMap(List::stream).toList();
    boolean oneByOne = worldFailures >= WORLD_FAILURES_BEFORE_ONE_BY_ONE && byGroup.size() > 1;
    if (!oneByOne && size(all) <= TRANSACTION_BYTES) {
      turn.together(all, heartbeats, byGroup);
    } else {
      turn.apart(byGroup, heartbeats);
    }
    conclude(turn, byGroup.keySet());
    return turn.outcome();
  }

  private void conclude(Turn turn, Set<String> groups) {
    failedLast.removeAll(groups);
    refused.keySet().removeIf(group -> groups.contains(group) && !turn.refusals.containsKey(group));
    refused.putAll(turn.refusals);
    turn.unpublished.forEach(notice -> failedLast.add(notice.group()));
    if (turn.worldFailure.isEmpty()) {
      if (worldFailures > 0) {
        log.info("alerts are published again");
      }
      worldFailures = 0;
      problem = "";
      return;
    }
    if (worldFailures == 0) {
      log.warn("alerts cannot be published, the next turn tries again: {}", turn.worldFailure);
    }
    worldFailures++;
    metrics.publishFailed();
    problem = "alerts cannot be published: " + turn.worldFailure;
  }

  private static long size(List<Notice> notices) {
    return notices.stream().mapToLong(Notice::size).sum();
  }

  /** One call's way through all that may happen. */
  private final class Turn {
    private final Publisher.Voice voice;
    private final Set<Notice> unpublished = new HashSet<>();
    private final Set<Notice> aside = new HashSet<>();
    private final Map<String, String> refusals = new HashMap<>();
    private final Set<String> undecided = new HashSet<>();
    private int tries;
    private int worldFailuresNow;
    private String worldFailure = "";

    Turn(Publisher.Voice voice) {
      this.voice = voice;
    }

    Outcome outcome() {
      return new Outcome(unpublished, undecided, aside);
    }

    void together(
        List<Notice> all, List<AlertHeartbeat> heartbeats, Map<String, List<Notice>> byGroup) {
      try {
        voice.announce(all, heartbeats);
        metrics.announced(all);
      } catch (Publisher.Refused e) {
        log.warn("what {} rule groups say is refused as a whole: {}", byGroup.size(), e.toString());
        apart(byGroup, heartbeats);
      } catch (Publisher.Undecided e) {
        undecided(byGroup.keySet(), e);
      } catch (RuntimeException e) {
        failed(all, e);
      }
    }

    /** Each group alone; those that failed last time do not keep the others waiting. */
    void apart(Map<String, List<Notice>> byGroup, List<AlertHeartbeat> heartbeats) {
      List<String> order = new ArrayList<>(byGroup.keySet());
      order.removeAll(failedLast);
      failedLast.stream().filter(byGroup::containsKey).forEach(order::add);
      for (String group : order) {
        for (List<Notice> part : parts(byGroup.getOrDefault(group, List.of()))) {
          deliver(part);
        }
      }
      List<AlertHeartbeat> truthful =
          heartbeats.stream().filter(beat -> outcome().wentWell(beat.ruleGroup())).toList();
      if (!truthful.isEmpty() && worldFailuresNow == 0) {
        try {
          voice.announce(List.of(), truthful);
        } catch (RuntimeException e) {
          worldFailure(e);
        }
      }
    }

    private List<List<Notice>> parts(List<Notice> notices) {
      List<List<Notice>> parts = new ArrayList<>();
      List<Notice> part = new ArrayList<>();
      long bytes = 0;
      for (Notice notice : notices) {
        if (!part.isEmpty() && bytes + notice.size() > TRANSACTION_BYTES) {
          parts.add(part);
          part = new ArrayList<>();
          bytes = 0;
        }
        part.add(notice);
        bytes += notice.size();
      }
      parts.add(part);
      return parts;
    }

    private void deliver(List<Notice> notices) {
      if (notices.isEmpty()) {
        return;
      }
      if (tries >= TRIES_MAX || worldFailuresNow >= WORLD_FAILURES_MAX_IN_A_TURN) {
        unpublished.addAll(notices);
        return;
      }
      tries++;
      try {
        voice.announce(notices, List.of());
        metrics.announced(notices);
      } catch (Publisher.Refused e) {
        if (notices.size() == 1) {
          putAside(notices.get(0), e);
        } else {
          int half = notices.size() / 2;
          deliver(notices.subList(0, half));
          deliver(notices.subList(half, notices.size()));
        }
      } catch (Publisher.Undecided e) {
        undecided(Set.of(notices.get(0).group()), e);
      } catch (RuntimeException e) {
        failed(notices, e);
      }
    }

    private void putAside(Notice notice, Publisher.Refused why) {
      aside.add(notice);
      refusals.put(
          notice.group(),
          "what rule %s of %s says of an alert is put aside, because it is refused: %s"
              .formatted(notice.rule(), notice.group(), why.getMessage()));
      metrics.noticePutAside(notice.group());
      log.error(
          "what rule {} of {} says of alert {} is put aside, because it is refused: {}",
          notice.rule(),
          notice.group(),
          notice.key(),
          why.getMessage());
    }

    private void undecided(Set<String> groups, Publisher.Undecided why) {
      undecided.addAll(groups);
      worldFailure(why);
    }

    private void failed(List<Notice> notices, RuntimeException why) {
      unpublished.addAll(notices);
      worldFailure(why);
    }

    private void worldFailure(RuntimeException why) {
      worldFailuresNow++;
      worldFailure = why.getMessage() == null ? why.toString() : why.getMessage();
    }
  }
}
