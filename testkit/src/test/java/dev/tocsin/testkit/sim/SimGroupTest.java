package dev.tocsin.testkit.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimGroupTest {
  private static final TopicPartition RECORDS = new TopicPartition("records", 0);

  private final SimKafka kafka = new SimKafka(new SimScheduler(1));
  private final SimGroup group = kafka.group("group", true);
  private final List<String> steps = new ArrayList<>();
  private final List<String> passed = new ArrayList<>();

  @BeforeEach
  void begin() {
    kafka.create(RECORDS.topic(), 1);
    group.onSteppingBack(steps::add);
    group.onPassing((partition, from, to, along) -> passed.add(from + " to " + to));
  }

  private void write(int records) {
    for (int i = 0; i < records; i++) {
      kafka.append(new ProducerRecord<>(RECORDS.topic(), "value".getBytes(UTF_8)), 0);
    }
  }

  private void commit(long offset) {
    group.commit(Map.of(RECORDS, offset), List.of());
  }

  @Test
  void offset_goesBack_overRecordsThatAreThere() {
    write(5);
    commit(4);
    commit(3);
    assertThat(steps).containsExactly("records-0 goes back from 4 to 3");
  }

  @Test
  void offset_mayGoBackToTheCut_whenTheTailWasLost() {
    write(5);
    commit(5);
    kafka.truncate(RECORDS, 3);
    commit(3);
    assertThat(steps).isEmpty();
  }

  @Test
  void offset_mayGoBackToTheCut_whenTheLogHasGrownAgain() {
    write(5);
    commit(5);
    kafka.truncate(RECORDS, 3);
    write(4);
    commit(4);
    assertThat(steps).isEmpty();
    assertThat(passed).containsExactly("0 to 5", "3 to 4");
  }

  @Test
  void offset_mayGoBackToTheCut_whenItWasCommittedAfterTheTailWasLost() {
    write(5);
    kafka.truncate(RECORDS, 3);
    commit(5);
    write(4);
    commit(4);
    assertThat(steps).isEmpty();
  }

  @Test
  void offset_goesBack_whenItFallsBelowTheCut() {
    write(5);
    commit(5);
    kafka.truncate(RECORDS, 3);
    commit(2);
    assertThat(steps).containsExactly("records-0 goes back from 5 to 2");
  }

  @Test
  void offset_goesBack_whenItWasCommittedInTheLogAsItIs() {
    write(5);
    kafka.truncate(RECORDS, 3);
    write(4);
    commit(6);
    commit(5);
    assertThat(steps).containsExactly("records-0 goes back from 6 to 5");
  }

  @Test
  void offset_goesBackNoMore_whenItsTopicWasMadeAnew() {
    write(5);
    commit(5);
    kafka.recreate(RECORDS.topic());
    write(6);
    commit(1);
    assertThat(steps).isEmpty();
    assertThat(passed).containsExactly("0 to 5", "0 to 1");
  }
}
