package dev.tocsin.storage.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.DatabaseException;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryUsage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class MembersTest {
  private final Promise<String> first = Promise.promise();
  private final Promise<String> second = Promise.promise();
  private final Cancellation cancellation = new Cancellation();
  private final AtomicBoolean givenUp = new AtomicBoolean();

  private Future<List<String>> ask() {
    Map<String, Promise<String>> readers = new LinkedHashMap<>();
    readers.put("a:1/t", first);
    readers.put("b:2/t", second);
    return new Members<>(readers)
        .all(
            cancellation,
            (reader, part) -> {
              part.onCancel(() -> givenUp.set(true));
              return reader.future();
            });
  }

  @Test
  void answers_comeInOrder_whenAllAnswered() {
    Future<List<String>> answer = ask();
    second.complete("two");
    assertThat(answer.isComplete()).isFalse();
    first.complete("one");
    assertThat(answer.result()).containsExactly("one", "two");
    assertThat(givenUp).isFalse();
  }

  @Test
  void failure_namesTheDatabaseAndGivesTheOthersUp() {
    Future<List<String>> answer = ask();
    second.fail(new IllegalStateException("broken"));
    assertThat(answer.cause()).isInstanceOf(DatabaseException.class).hasMessage("b:2/t: broken");
    assertThat(givenUp).isTrue();
  }

  @Test
  void limit_staysALimit_andNamesTheDatabase() {
    Future<List<String>> answer = ask();
    first.fail(new QueryLimitException(QueryLimitException.Kind.TIMEOUT, "no answer within 1 ms"));
    assertThat(answer.cause())
        .isInstanceOfSatisfying(
            QueryLimitException.class,
            limit -> assertThat(limit.kind()).isEqualTo(QueryLimitException.Kind.TIMEOUT))
        .hasMessage("a:1/t: no answer within 1 ms");
  }

  @Test
  void parts_areGivenUp_whenTheCallerGivesUp() {
    Future<List<String>> answer = ask();
    cancellation.cancel();
    assertThat(givenUp).isTrue();
    assertThat(answer.isComplete()).isFalse();
  }

  @Test
  void usage_isThatOfAllParts() {
    QueryUsage usage = cancellation.forParts().usage().orElseThrow();
    assertThat(cancellation.usage()).isEmpty();
    assertThat(usage.read(3)).isEqualTo(3);
    assertThat(usage.read(4)).isEqualTo(7);
    assertThat(usage.deadline(50)).isEqualTo(50);
    assertThat(usage.deadline(90)).isEqualTo(50);
  }
}
