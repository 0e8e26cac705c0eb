package dev.tocsin.app.conformance.probe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceivedStatusTest {
  @Test
  void protobuf_isReadFieldByField() {
    ReceivedStatus status =
        ReceivedStatus.protobuf(new byte[] {0x08, 3, 0x12, 2, 'n', 'o'}).orElseThrow();
    assertThat(status.message()).isEqualTo("no");
    assertThat(status.has("BadRequest")).isFalse();
  }

  @Test
  void text_isNoStatus() {
    assertThat(ReceivedStatus.protobuf("404 page not found".getBytes(UTF_8))).isEmpty();
    assertThat(ReceivedStatus.protobuf("{\"code\":3}".getBytes(UTF_8))).isEmpty();
    assertThat(ReceivedStatus.json("404 page not found".getBytes(UTF_8))).isEmpty();
    assertThat(ReceivedStatus.json("{\"error\":\"no\"}".getBytes(UTF_8))).isEmpty();
    assertThat(ReceivedStatus.json("{\"message\":7}".getBytes(UTF_8))).isEmpty();
    assertThat(ReceivedStatus.json("[]".getBytes(UTF_8))).isEmpty();
  }

  @Test
  void json_isReadWithItsDetails() {
    String text =
        "{\"code\":3,\"message\":\"no\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\"}]}";
    ReceivedStatus status = ReceivedStatus.json(text.getBytes(UTF_8)).orElseThrow();
    assertThat(status.message()).isEqualTo("no");
    assertThat(status.has("BadRequest")).isTrue();
    assertThat(status.has("RetryInfo")).isFalse();
  }
}
