package dev.tocsin.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BrokerClassPathTest {
  private static final List<String> ALL =
      List.of(
          "/lib/vertx-core-5.0.7.jar",
          "/lib/kafka_2.13-4.3.1.jar",
          "/lib/kafka-clients-4.3.1.jar",
          "/lib/kafka-clients-extras-1.0.jar",
          "/app/classes");

  @Test
  void select_takesTheJarsOfTheList_whateverTheirVersion() {
    assertThat(BrokerClassPath.select(ALL, Set.of("kafka_2.13", "kafka-clients")))
        .containsExactly("/lib/kafka_2.13-4.3.1.jar", "/lib/kafka-clients-4.3.1.jar");
  }

  @Test
  void select_takesEverything_whenAJarCannotBeFound() {
    assertThat(BrokerClassPath.select(ALL, Set.of("kafka_2.13", "scala-library"))).isEqualTo(ALL);
  }

  @Test
  void find_knowsTheJarsOfThisBuild() {
    assertThat(BrokerClassPath.find())
        .anyMatch(entry -> entry.contains("kafka-clients"))
        .anyMatch(entry -> entry.contains("logback-classic"))
        .noneMatch(entry -> entry.contains("commons-compress") || entry.contains("junit"));
  }
}
