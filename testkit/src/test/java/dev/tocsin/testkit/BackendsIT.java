package dev.tocsin.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class BackendsIT {
  @Test
  void kafka_makesTopics() throws Exception {
    String topic = Backends.uniqueName("Makes Topics");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", Backends.kafka()))) {
      admin
          .createTopics(List.of(new NewTopic(topic, 2, (short) 1)))
          .all()
          .get(10, TimeUnit.SECONDS);
      assertThat(admin.listTopics().names().get(10, TimeUnit.SECONDS)).contains(topic);
    }
    assertThat(topic).matches("t-makes-topics-[a-z0-9]+-\\d+");
  }

  @Test
  void freshDatabase_isEmptyAndSeparate() throws Exception {
    PostgresServer one = Backends.freshDatabase("one");
    PostgresServer two = Backends.freshDatabase("one");
    Backends.execute(one, "create table marker (id int)");
    Backends.execute(two, "create table marker (id int)");
    assertThat(one.database()).isNotEqualTo(two.database());
    try (var connection = Backends.connect(one);
        var rows = connection.createStatement().executeQuery("select count(*) from marker")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isZero();
    }
  }

  @Test
  void dedicatedPostgres_keepsDataOverKill() throws Exception {
    try (var postgres = Backends.dedicatedPostgres()) {
      PostgresServer server = Backends.freshDatabase(Backends.serverOf(postgres), "kept");
      Backends.execute(server, "create table kept as select 7 as n");
      postgres.kill();
      postgres.restart();
      try (var connection = Backends.connect(server);
          var rows = connection.createStatement().executeQuery("select n from kept")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(7);
      }
    }
  }
}
