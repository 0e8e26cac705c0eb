package dev.tocsin.ingest.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.otlp.wire.Signal;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RejectionsTest {
  private static final Payload TRACES = new Payload("http", Signal.TRACES, BodyFormat.JSON);

  private final AtomicLong seconds = new AtomicLong();
  private final Rejections rejections =
      new Rejections(() -> Instant.ofEpochSecond(seconds.getAndIncrement()), 2, 3);

  @Test
  void likeOnesInARow_areOneEntry_withAllThatWasLost() {
    rejections.add("k", cause("late"), "", 3);
    rejections.add("k", cause("late"), "", 4);
    rejections.add("k", cause("torn"), "", 1);
    rejections.add("k", cause("late"), "", 5);
    assertThat(rejections.of("k"))
        .extracting(entry -> entry.cause().message() + entry.requests() + "/" + entry.items())
        .containsExactly("late1/5", "torn1/1", "late2/7");
    Rejections.Entry first = rejections.of("k").get(2);
    assertThat(first.firstAt()).isEqualTo(Instant.ofEpochSecond(0));
    assertThat(first.lastAt()).isEqualTo(Instant.ofEpochSecond(1));
  }

  @Test
  void entriesKeysAndTexts_areBounded() {
    for (int i = 0; i < 10; i++) {
      rejections.add("k", cause("x".repeat(1_000) + i % 2), "", 0);
      rejections.add("key " + i, cause("m" + i), "", 0);
    }
    assertThat(rejections.of("k")).hasSize(1);
    assertThat(rejections.of("k").get(0).cause().message()).hasSize(400);
    assertThat(rejections.of("key 0")).hasSize(1);
    assertThat(rejections.of("key 1")).isEmpty();
    assertThat(rejections.of("other"))
        .extracting(entry -> entry.cause().message())
        .containsExactly("m9", "m8", "m7");
  }

  private static Rejections.Cause cause(String message) {
    return Rejections.Cause.of(TRACES, "timeout", message, null, "");
  }
}
