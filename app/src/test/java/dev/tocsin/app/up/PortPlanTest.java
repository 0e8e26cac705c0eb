package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.Settings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PortPlanTest {

  @Test
  void plan_hasTheDefaultPorts() {
    assertThat(PortPlan.of(Settings.of(Map.of()), 0).overrides())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ingest.grpc_port", "4317",
                "ingest.http_port", "4318",
                "ingest.admin_port", "8081",
                "storage.port", "8082",
                "alert.port", "8083",
                "incident.port", "8084",
                "console.port", "8080",
                "app.kafka_port", "19092",
                "app.kafka_controller_port", "19093",
                "app.postgres_port", "15432"));
  }

  @Test
  void plan_addsTheOffset_alsoToConfiguredPorts() {
    PortPlan plan = PortPlan.of(Settings.of(Map.of("console.port", "9000")), 100);
    assertThat(plan.port("console.port")).isEqualTo(9_100);
    assertThat(plan.port("ingest.grpc_port")).isEqualTo(4_417);
  }

  @Test
  void plan_namesEachPortThatIsTaken_andTheKeyThatSetsIt() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      PortPlan plan =
          new PortPlan(
              List.of(
                  new PortPlan.Use("console", "console.port", other.getLocalPort()),
                  new PortPlan.Use("Kafka", "app.kafka_port", 70_000)));
      assertThatThrownBy(plan::requireFree)
          .isInstanceOf(StartFailure.class)
          .hasMessageContaining("port %d for console is taken (console.port)", other.getLocalPort())
          .hasMessageContaining(
              "port 70000 for Kafka (expected: 1-65535; change app.kafka_port or --port-offset)")
          .hasMessageContaining("--port-offset 100");
    }
  }

  @Test
  void plan_isFine_whenItsPortsAreFree() throws Exception {
    int free;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = probe.getLocalPort();
    }
    PortPlan plan = new PortPlan(List.of(new PortPlan.Use("console", "console.port", free)));
    assertThatCode(plan::requireFree).doesNotThrowAnyException();
  }
}
