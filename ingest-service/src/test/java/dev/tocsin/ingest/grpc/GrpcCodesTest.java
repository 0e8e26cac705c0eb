package dev.tocsin.ingest.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GrpcCodesTest {

  @Test
  void timeouts_areMilliseconds_roundedUp() {
    assertThat(GrpcCodes.timeoutMs("2H")).hasValue(7_200_000);
    assertThat(GrpcCodes.timeoutMs("3M")).hasValue(180_000);
    assertThat(GrpcCodes.timeoutMs("10S")).hasValue(10_000);
    assertThat(GrpcCodes.timeoutMs("99999999m")).hasValue(99_999_999);
    assertThat(GrpcCodes.timeoutMs("1001u")).hasValue(2);
    assertThat(GrpcCodes.timeoutMs("1n")).hasValue(1);
  }

  @Test
  void timeouts_areEmpty_whenTheyAreNone() {
    for (String text : new String[] {"", "S", "10", "10x", "-1S", "123456789S", "1.5S", "٣S"}) {
      assertThat(GrpcCodes.timeoutMs(text)).as(text).isEmpty();
    }
  }

  @Test
  void messages_arePercentEncoded() {
    assertThat(GrpcCodes.message("100% of ü\n")).isEqualTo("100%25 of %C3%BC%0A");
  }
}
