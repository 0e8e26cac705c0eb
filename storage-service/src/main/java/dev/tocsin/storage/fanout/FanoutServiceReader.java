package dev.tocsin.storage.fanout;

import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.CountedKinds;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Summaries of several databases: sums are added up before rates and quantiles are taken. */
final class FanoutServiceReader implements ServiceReader {
  private static final int OPERATIONS_MAX = 1_000;

  private static final Comparator<Red> MOST_CALLED =
      Comparator.comparing((Red red) -> red.kind() != OTHER_KINDS)
          .thenComparing(Comparator.comparingLong((Red red) -> red.measures().calls()).reversed())
          .thenComparing(Red::operation)
          .thenComparingInt(Red::kind);
  private static final Comparator<ExceptionCount> MOST_FREQUENT =
      Comparator.comparingLong(ExceptionCount::occurrences)
          .thenComparing(ExceptionCount::lastSeen)
          .reversed()
          .thenComparingLong(ExceptionCount::fingerprint);

  private final Members<ServiceReader> members;

  FanoutServiceReader(Map<String, ServiceReader> readers) {
    members = new Members<>(readers);
  }

  /** What one line of RED is about. */
  private record Subject(String service, String operation, int kind) {
    static final Comparator<Subject> ORDER =
        Comparator.comparing(Subject::service)
            .thenComparing(Subject::operation)
            .thenComparingInt(Subject::kind);

    static Subject of(Red red) {
      return new Subject(red.service(), red.operation(), red.kind());
    }
  }

  /** The ends of an edge. */
  private record Ends(String client, String server, String connectionType) {
    static final Comparator<Ends> ORDER =
        Comparator.comparing(Ends::client)
            .thenComparing(Ends::server)
            .thenComparing(Ends::connectionType);

    static Ends of(Edge edge) {
      return new Ends(edge.client(), edge.server(), edge.connectionType());
    }
  }

  @Override
  public Future<List<Red>> services(
      TimeRange range, CountedKinds kinds, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.services(range, kinds, part))
        .map(FanoutServiceReader::reds);
  }

  @Override
  public Future<List<Red>> operations(
      String service, TimeRange range, CountedKinds kinds, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.operations(service, range, kinds, part))
        .map(lists -> reds(lists).stream().sorted(MOST_CALLED).limit(OPERATIONS_MAX).toList());
  }

  private static List<Red> reds(List<List<Red>> lists) {
    return SortedLists.sums(lists, Subject::of, Subject.ORDER, FanoutServiceReader::sum);
  }

  private static Red sum(Red one, Red other) {
    return new Red(
        one.service(), one.operation(), one.kind(), one.measures().and(other.measures()));
  }

  @Override
  public Future<List<RedPoint>> overTime(
      String service,
      Optional<String> operation,
      TimeRange range,
      CountedKinds kinds,
      int stepMinutes,
      Cancellation cancellation) {
    return members
        .all(
            cancellation,
            (reader, part) -> reader.overTime(service, operation, range, kinds, stepMinutes, part))
        .map(
            lists ->
                SortedLists.sums(
                    lists,
                    RedPoint::time,
                    Comparator.<Instant>naturalOrder(),
                    (one, other) ->
                        new RedPoint(one.time(), one.measures().and(other.measures()))));
  }

  @Override
  public Future<List<Edge>> map(TimeRange range, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.map(range, part))
        .map(lists -> SortedLists.sums(lists, Ends::of, Ends.ORDER, FanoutServiceReader::sum));
  }

  private static Edge sum(Edge one, Edge other) {
    long calls = one.calls() + other.calls();
    double share = (double) one.calls() / calls;
    return new Edge(
        one.client(),
        one.server(),
        one.connectionType(),
        calls,
        one.failed() + other.failed(),
        one.callsPerSecond() + other.callsPerSecond(),
        share * one.clientMeanSeconds() + (1 - share) * other.clientMeanSeconds(),
        share * one.serverMeanSeconds() + (1 - share) * other.serverMeanSeconds());
  }

  /** Counted everywhere first: what is rare in each database may be frequent in all of them. */
  @Override
  public Future<List<ExceptionGroup>> exceptions(
      Optional<String> service, TimeRange range, int limit, Cancellation cancellation) {
    return members.query(
        cancellation,
        parts ->
            members
                .all(reader -> reader.exceptionCounts(service, range, parts))
                .map(
                    lists ->
                        counts(lists).stream()
                            .filter(count -> count.occurrences() > 0)
                            .sorted(MOST_FREQUENT)
                            .limit(limit)
                            .toList())
                .compose(counts -> groups(counts, parts)));
  }

  @Override
  public Future<List<ExceptionCount>> exceptionCounts(
      Optional<String> service, TimeRange range, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.exceptionCounts(service, range, part))
        .map(FanoutServiceReader::counts);
  }

  private static List<ExceptionCount> counts(List<List<ExceptionCount>> lists) {
    return SortedLists.sums(
        lists,
        ExceptionCount::fingerprint,
        Comparator.<Long>naturalOrder(),
        (one, other) ->
            new ExceptionCount(
                one.fingerprint(),
                one.spans() + other.spans(),
                one.logs() + other.logs(),
                one.otherLogs() + other.otherLogs(),
                later(one.lastSeen(), other.lastSeen())));
  }

  private Future<List<ExceptionGroup>> groups(List<ExceptionCount> counts, Cancellation parts) {
    List<Long> fingerprints = counts.stream().map(ExceptionCount::fingerprint).toList();
    return members
        .all(reader -> reader.exceptionGroups(fingerprints, parts))
        .map(
            lists -> {
              Map<Long, ExceptionGroup> known = new HashMap<>();
              groups(lists).forEach(group -> known.put(group.fingerprint(), group));
              List<ExceptionGroup> counted = new ArrayList<>();
              for (ExceptionCount count : counts) {
                ExceptionGroup group = known.get(count.fingerprint());
                if (group != null) {
                  counted.add(group.occurring(count.occurrences()));
                }
              }
              return counted;
            });
  }

  @Override
  public Future<List<ExceptionGroup>> exceptionGroups(
      Collection<Long> fingerprints, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.exceptionGroups(fingerprints, part))
        .map(FanoutServiceReader::groups);
  }

  private static List<ExceptionGroup> groups(List<List<ExceptionGroup>> lists) {
    return SortedLists.sums(
        lists,
        ExceptionGroup::fingerprint,
        Comparator.<Long>naturalOrder(),
        FanoutServiceReader::newer);
  }

  private static ExceptionGroup newer(ExceptionGroup one, ExceptionGroup other) {
    ExceptionGroup newest = other.lastSeen().isAfter(one.lastSeen()) ? other : one;
    Instant first =
        one.firstSeen().isBefore(other.firstSeen()) ? one.firstSeen() : other.firstSeen();
    return newest.seenFrom(first);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
