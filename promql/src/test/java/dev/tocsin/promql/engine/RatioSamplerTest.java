package dev.tocsin.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.promql.series.Labels;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatioSamplerTest {
  @ParameterizedTest
  @CsvSource({
    "'', ef46db3751d8e999",
    "a, d24ec4f1a98c6e5b",
    "as, 1c330fb2d66be179",
    "asd, 631c37ce72a97393",
    "asdf, 415872f599cea71e",
    "abc, 44bc2cf5ad770999",
    "Call me Ishmael. Some years ago--never mind how long precisely-, 02a2e85470d6fd96",
  })
  void xxHash64_givesKnownAnswers(String text, String hex) {
    assertThat(XxHash64.of(text.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(Long.parseUnsignedLong(hex, 16));
  }

  @Test
  void encoding_putsLengthsBeforeNamesAndValues() {
    byte[] encoded = RatioSampler.encoded(Labels.of("job", "api", "__name__", "up"));
    assertThat(encoded)
        .isEqualTo("\u0008__name__\u0002up\u0003job\u0003api".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void encoding_marksLengthsAbove254() {
    byte[] shorter = RatioSampler.encoded(Labels.of("l", "x".repeat(254)));
    byte[] longer = RatioSampler.encoded(Labels.of("l", "x".repeat(300)));
    assertThat(shorter).hasSize(257).startsWith(1, 'l', 254, 'x');
    assertThat(longer).hasSize(306).startsWith(1, 'l', 255, 300 & 255, 1, 0, 'x');
  }

  @Test
  void encoding_ordersNamesByBytes_notByUtf16() {
    // U+FF21 sorts after the surrogates of U+1F600 in UTF-16, before it in UTF-8.
    byte[] encoded = RatioSampler.encoded(Labels.of("\uFF21", "1", "\uD83D\uDE00", "2"));
    assertThat(encoded)
        .isEqualTo("\u0003\uFF21\u00011\u0004\uD83D\uDE00\u00012".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void ratioAndItsComplement_splitAllSeries() {
    int kept = 0;
    for (int i = 0; i < 1_000; i++) {
      double share = RatioSampler.share(Labels.of("instance", "host-" + i));
      assertThat(share).isBetween(0.0, 1.0);
      assertThat(RatioSampler.keeps(0.3, share)).isNotEqualTo(RatioSampler.keeps(-0.7, share));
      kept += RatioSampler.keeps(0.3, share) ? 1 : 0;
    }
    assertThat(kept).isBetween(250, 350);
  }
}
