package dev.tocsin.testkit.sim;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** A topic: another one of the same name has another id. */
record SimTopic(String name, Uuid id, List<SimLog> logs) {

  static SimTopic of(String name, Uuid id, int partitions) {
    return new SimTopic(
        name,
        id,
        IntStream.range(0, partitions)
            .mapToObj(partition -> new SimLog(new TopicPartition(name, partition)))
            .toList());
  }
}
