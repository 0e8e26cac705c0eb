package dev.tocsin.storage.fanout;

import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.DatabaseException;
import dev.tocsin.storage.ports.QueryLimitException;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The readers of one kind of several databases. A question goes to all at once; when one fails, the
 * others are given up and the failure names the database: never a part of the answer.
 *
 * @param <R> the port
 */
final class Members<R> {
  private final List<Member<R>> members;

  private record Member<R>(String database, R reader) {}

  /**
   * @param readers by database as errors name it, in the order of the answers
   */
  Members(Map<String, R> readers) {
    members =
        readers.entrySet().stream()
            .map(entry -> new Member<>(entry.getKey(), entry.getValue()))
            .toList();
  }

  /** Runs a query that asks all of them, perhaps several times: its limits hold for the whole. */
  <T> Future<T> query(Cancellation cancellation, Function<Cancellation, Future<T>> steps) {
    Cancellation parts = cancellation.forParts();
    Future<T> answer = steps.apply(parts);
    return answer.onComplete(
        done -> {
          cancellation.remove(parts);
          if (done.failed()) {
            parts.cancel();
          }
        });
  }

  /** Every answer, in the members' order. */
  <T> Future<List<T>> all(
      Cancellation cancellation, BiFunction<R, Cancellation, Future<T>> question) {
    return query(cancellation, parts -> all(reader -> question.apply(reader, parts)));
  }

  /** The same for a step of a {@link #query}. */
  <T> Future<List<T>> all(Function<R, Future<T>> question) {
    List<Future<T>> answers =
        members.stream()
            .map(
                member ->
                    question
                        .apply(member.reader())
                        .recover(failure -> Future.failedFuture(named(member, failure))))
            .toList();
    return Future.all(answers).map(all -> answers.stream().map(Future::result).toList());
  }

  /** Readers in order, for what is no query. */
  List<R> readers() {
    return members.stream().map(Member::reader).toList();
  }

  private static Throwable named(Member<?> member, Throwable failure) {
    String message = member.database() + ": " + failure.getMessage();
    if (failure instanceof QueryLimitException limit) {
      return new QueryLimitException(limit.kind(), message);
    }
    if (failure instanceof PromqlException promql) {
      return new PromqlException(promql.kind(), message, promql);
    }
    return new DatabaseException(member.database(), failure);
  }
}
