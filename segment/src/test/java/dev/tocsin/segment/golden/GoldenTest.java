package dev.tocsin.segment.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.span.SpanSegments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was written once is read for ever, to the last field. */
class GoldenTest {
  static List<Integer> formats() throws IOException {
    try (Stream<Path> folders = Files.list(Golden.ALL)) {
      return folders
          .map(folder -> folder.getFileName().toString().replace("format-", ""))
          .map(Integer::valueOf)
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void blobs_areReadAsTheyWereWritten(int format) {
    Golden golden = new Golden(format);
    assertThat(Golden.describe(golden.spans())).isEqualTo(golden.words("spans"));
    assertThat(Golden.describe(golden.logs())).isEqualTo(golden.words("logs"));
    assertThat(golden.describeMetrics(golden.blob("metrics.data"), golden.blob("metrics.raw")))
        .isEqualTo(golden.words("metrics"));
  }

  /** {@link WriteGolden} makes them, once. */
  @Test
  void formatThatIsWritten_hasItsGoldenBlobs() throws Exception {
    assertThat(formats()).contains(SpanSegments.FORMAT, LogSegments.FORMAT, MetricBlocks.FORMAT);
  }
}
