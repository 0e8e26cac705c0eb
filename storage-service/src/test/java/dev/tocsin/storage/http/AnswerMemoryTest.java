package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.storage.ports.QueryLimitException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.junit.jupiter.api.Test;

final class AnswerMemoryTest {
  private final AnswerMemory memory = new AnswerMemory(100);

  @Test
  void answers_areRefused_whileOthersHaveTheMemory() {
    Promise<String> first = Promise.promise();
    Future<String> sending = memory.during(70, first::future);
    Future<String> refused = memory.during(40, () -> Future.succeededFuture("second"));
    assertThat(refused.cause()).isInstanceOf(QueryLimitException.class).hasMessageContaining("100");
    assertThat(memory.held()).isEqualTo(70);

    first.fail("the client is gone");
    assertThat(sending.failed()).isTrue();
    assertThat(memory.held()).isZero();
    assertThat(memory.during(40, () -> Future.succeededFuture("third")).result())
        .isEqualTo("third");
  }

  @Test
  void oneAnswer_mayHaveMoreThanAll() {
    assertThat(memory.during(900, () -> Future.succeededFuture("large")).succeeded()).isTrue();
    assertThat(memory.held()).isZero();
  }
}
