package dev.tocsin.ingest.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BodyCollectorTest {

  @Test
  void collector_givesChunksInOrder_announcedOrNot() {
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      Buffer whole = Buffer.buffer();
      BodyCollector collector = new BodyCollector(1 << 20, Allowance.UNLIMITED);
      byte[] chunk = new byte[1 + random.nextInt(30_000)];
      if (round % 2 == 0) {
        collector.announce(10L * chunk.length);
      }
      for (int i = 0; i < 10; i++) {
        random.nextBytes(chunk);
        whole.appendBytes(chunk);
        collector.append(Buffer.buffer(chunk.clone()));
      }
      assertThat(collector.take()).isEqualTo(whole.getBytes());
    }
  }

  @Test
  void collector_reservesWhatIsAnnounced_beforeItIsSent() {
    AtomicLong granted = new AtomicLong();
    BodyCollector collector = new BodyCollector(64 << 20, more -> granted.addAndGet(more) > 0);
    collector.announce(200_000);
    assertThat(granted.get()).isEqualTo(200_000);
    collector.append(Buffer.buffer(new byte[150_000]));
    collector.append(Buffer.buffer(new byte[50_000]));
    assertThat(granted.get()).isEqualTo(200_000);
    BodyCollector refused = new BodyCollector(64 << 20, more -> false);
    assertThatThrownBy(() -> refused.announce(10)).hasMessageContaining("too many bytes in flight");
  }

  @Test
  void collector_reservesNoMoreThanTheBeginning_ofWhatIsOnlyAnnounced() {
    AtomicLong granted = new AtomicLong();
    BodyCollector collector = new BodyCollector(64 << 20, more -> granted.addAndGet(more) > 0);
    collector.announce(64 << 20);
    collector.append(Buffer.buffer(new byte[10]));
    assertThat(granted.get()).isLessThanOrEqualTo(1 << 20);
  }

  @Test
  void collector_refusesOverLimit_announcedOrReceived() {
    BodyCollector collector = new BodyCollector(100, Allowance.UNLIMITED);
    assertThatThrownBy(() -> collector.announce(101))
        .hasMessage("body: 101 bytes (expected: at most 100)");
    collector.append(Buffer.buffer(new byte[100]));
    assertThatThrownBy(() -> collector.append(Buffer.buffer(new byte[1])))
        .hasMessage("body: over 100 bytes (expected: at most 100)");
  }
}
