package dev.tocsin.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.DeadLetterHeaders;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
  private static ConsumerRecord<byte[], byte[]> message(String value) {
    return new ConsumerRecord<>("topic", 0, 7, null, value.getBytes(UTF_8));
  }

  private static boolean isForOthers(Aside aside, String replayFor) {
    ConsumerRecord<byte[], byte[]> message = message("a");
    if (!replayFor.isEmpty()) {
      message.headers().add(DeadLetterHeaders.REPLAY_FOR, replayFor.getBytes(UTF_8));
    }
    return aside.isForOthers(message);
  }

  @Test
  void recordThatWasPutBack_isForWhoPutItAsideAlone() {
    Aside counting = Aside.counting(new SimpleMeterRegistry());
    assertThat(isForOthers(counting, "")).isFalse();
    assertThat(isForOthers(counting, "storage")).isTrue();
  }

  @Test
  void letterOfAWholeRecord_saysThatTheRestOfItIsStored() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> put = new ArrayList<>();
    Letters letters =
        new Letters(
            (message, reason, detail) -> {
              put.add(message);
              return Future.succeededFuture();
            },
            new Learnt());
    letters.put(message("whole"), new Verdict.PutAside("odd", "", null));
    letters.put(message("part"), new Verdict.PutAside("odd", "", "a".getBytes(UTF_8)));
    letters.put(message("all"), new Verdict.PutAside("odd", "", "all".getBytes(UTF_8)));
    letters.await();
    assertThat(put)
        .extracting(
            letter -> {
              Header header = letter.headers().lastHeader(DeadLetterHeaders.PARTLY_STORED);
              return new String(letter.value(), UTF_8) + " " + (header != null);
            })
        .containsExactly("whole false", "a false", "all true");
  }
}
