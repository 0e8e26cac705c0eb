package dev.tocsin.app.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReceiverAddressTest {

  private static String url(String text) {
    return ReceiverAddress.parse("ENDPOINT", text).url(ReceiverAddress.GRPC_PORT);
  }

  @Test
  void everyForm_isAnAddress_withTheUsualPortWhereNoneIsNamed() {
    assertThat(url("localhost")).isEqualTo("http://localhost:4317");
    assertThat(url("localhost:4000")).isEqualTo("http://localhost:4000");
    assertThat(url("127.0.0.1:4318")).isEqualTo("http://127.0.0.1:4318");
    assertThat(url("http://otel.example:80")).isEqualTo("http://otel.example:80");
    assertThat(url("https://otel.example")).isEqualTo("https://otel.example:4317");
    assertThat(url("HTTPS://otel.example/otlp/")).isEqualTo("https://otel.example:4317/otlp");
    assertThat(url("[::1]:4317")).isEqualTo("http://[::1]:4317");
    assertThat(url("http://[::1]")).isEqualTo("http://[::1]:4317");
    assertThat(ReceiverAddress.parse("ENDPOINT", "[::1]").host()).isEqualTo("::1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "::1",
        "a b",
        "localhost:",
        "localhost:0",
        "localhost:65536",
        "localhost:port",
        "ftp://localhost",
        "grpc://localhost:4317",
        "http://",
        "user:secret@localhost",
        "http://localhost?x=1",
        "[::1",
      })
  void anythingElse_isRefused_namingTheForms(String text) {
    assertThatThrownBy(() -> ReceiverAddress.parse("--grpc", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "--grpc: %s (expected: host, host:port, http://host:port, https://host:port or"
                + " [::1]:port)",
            text);
  }
}
