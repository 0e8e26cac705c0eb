package dev.tocsin.app.up;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.IncidentEvent;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class IncidentWatchTest {
  private static final TopicPartition PARTITION = new TopicPartition("tocsin.incidents", 0);
  private final List<IncidentEvent> told = new ArrayList<>();
  private final IncidentWatch watch = new IncidentWatch(told::add);

  private static Extent extent(long beginning, long end) {
    return new Extent(beginning, end, Uuid.ONE_UUID);
  }

  private static ConsumerRecord<byte[], byte[]> message(long offset, String value) {
    return new ConsumerRecord<>(
        PARTITION.topic(), 0, offset, new byte[0], value == null ? null : value.getBytes(UTF_8));
  }

  @Test
  void watch_tellsFromNowOn_andGoesOnWhereItWasAfterAFailure() {
    assertThat(watch.begin(PARTITION, extent(0, 7))).isEqualTo(7);
    watch.take(message(7, null));
    watch.end(PARTITION);
    assertThat(watch.begin(PARTITION, extent(0, 20))).isEqualTo(8);
  }

  @Test
  void watch_goesOnAtTheEnd_whenItsPlaceIsGone() {
    watch.begin(PARTITION, extent(0, 7));
    assertThat(watch.begin(PARTITION, extent(0, 3))).isEqualTo(3);
    assertThat(watch.begin(PARTITION, extent(50, 60))).isEqualTo(60);
  }

  @Test
  void damagedEvent_isLeftOut() {
    watch.begin(PARTITION, extent(0, 7));
    assertThat(watch.take(message(7, "{"))).isInstanceOf(Verdict.PutAside.class);
    assertThat(told).isEmpty();
    assertThat(watch.begin(PARTITION, extent(0, 20))).isEqualTo(8);
  }
}
