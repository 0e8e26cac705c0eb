package dev.tocsin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BackendsTest {
  @Test
  void parse_readsAConnectionUri() {
    PostgresServer server = Backends.parse("postgresql://me:p%40ss@db:6000/tests");
    assertThat(server).isEqualTo(new PostgresServer("db", 6000, "me", "p@ss", "tests"));
    assertThat(Backends.parse("postgresql://me:x@db/tests").port()).isEqualTo(5432);
    assertThat(server.toString()).doesNotContain("p@ss");
  }

  @Test
  void parse_refusesAnythingElse_withoutRepeatingIt() {
    assertThatThrownBy(() -> Backends.parse("db:5432/secret"))
        .hasMessageContaining("expected: postgresql://")
        .hasMessageNotContaining("secret");
  }

  @Test
  void uniqueName_isAValidTopicName() {
    assertThat(Backends.uniqueName("Ä b/c")).matches("[a-z0-9-]{1,80}");
    assertThat(Backends.uniqueName("x")).isNotEqualTo(Backends.uniqueName("x"));
  }
}
