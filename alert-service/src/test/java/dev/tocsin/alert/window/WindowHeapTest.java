package dev.tocsin.alert.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.series.Labels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A window that is full fits into the heap it was made for, whatever fills it. */
class WindowHeapTest {
  private static final long DAY_MS = 86_400_000;
  private static final long T0 = 1_700_000_000_000L;

  @Test
  void fullWindow_leavesHalfOfTheHeap() throws Exception {
    assertThat(fill("samples", "labels")).contains("SAMPLES_LIMIT", "LABELS_LIMIT", "survived");
    assertThat(fill("samples", "series")).contains("SAMPLES_LIMIT", "SERIES_LIMIT", "survived");
  }

  private static String fill(String... with) throws IOException, InterruptedException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-cp",
            classPath,
            WindowHeapTest.class.getName());
    Process child =
        new ProcessBuilder(Stream.concat(java.stream(), Stream.of(with)).toList())
            .redirectErrorStream(true)
            .start();
    try (InputStream said = child.getInputStream()) {
      String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return text;
    }
  }

  /** The child: fills a window in each way named, beside what takes the other half of the heap. */
  public static void main(String[] ways) {
    long heapBytes = Runtime.getRuntime().maxMemory();
    byte[][] others = new byte[(int) ((heapBytes / 2) >> 20)][];
    for (int i = 0; i < others.length; i++) {
      others[i] = new byte[1 << 20];
    }
    WindowLimits wanted = new WindowLimits(200_000, 20_000_000, 128 << 20, 1_000, 300_000, 600_000);
    LiveWindow window = new LiveWindow(wanted.within(heapBytes));
    window.reset(Selection.of(Set.of(PromqlParser.parseSelector("{job=\"a\"}")), DAY_MS), T0);
    for (String way : ways) {
      fill(window, way);
    }
    System.out.println(
        window.sampleCount()
            + " samples, "
            + window.seriesCount()
            + " series, refused "
            + window.refusals()
            + " survived beside "
            + others.length
            + " MiB");
  }

  private static void fill(LiveWindow window, String way) {
    String filling = way.equals("labels") ? "x".repeat(5_000) : "";
    int series = way.equals("samples") ? 100 : 20_000;
    int samples = way.equals("samples") ? 10_000 : 1;
    for (int sample = 1; sample <= samples; sample++) {
      for (int one = 0; one < series; one++) {
        Labels labels = Labels.of("__name__", way, "job", "a", "one", filling + one);
        long timeMs = T0 + sample * 100L;
        window.append(labels, Kind.GAUGE, timeMs, 0, 1, timeMs);
      }
    }
  }
}
