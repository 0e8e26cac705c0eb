package dev.tocsin.segment.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.RawMetrics;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.segment.span.SpanSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The blobs of one format version as they were written once, and in words what is in them. They are
 * never made anew: what cannot be read any more is a user's telemetry.
 */
final class Golden {
  static final Path ALL = Path.of("src/test/resources/golden");

  private final Path folder;
  private final int format;

  Golden(int format) {
    this.folder = ALL.resolve("format-" + format);
    this.format = format;
  }

  boolean exists() {
    return Files.isDirectory(folder);
  }

  byte[] blob(String name) {
    try {
      return Files.readAllBytes(folder.resolve(name));
    } catch (IOException e) {
      throw new IllegalStateException("no " + name + " of format " + format, e);
    }
  }

  String words(String name) {
    return new String(blob(name + ".txt"), UTF_8);
  }

  void write(String name, byte[] blob) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve(name), blob);
  }

  SpanSegment spans() {
    return new SpanSegment(
        format, blob("spans.core"), blob("spans.ids"), blob("spans.attrs"), blob("spans.events"));
  }

  LogSegment logs() {
    return new LogSegment(format, blob("logs.meta"), blob("logs.body"), blob("logs.attrs"));
  }

  static String describe(SpanSegment segment) {
    List<Integer> rows = IntStream.range(0, segment.count()).boxed().toList();
    return segment.resourceSpans(rows).toString();
  }

  static String describe(LogSegment segment) {
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < segment.count(); row++) {
      lines.add(
          segment.nanos(row)
              + "\n"
              + segment.resource(row)
              + segment.scope(row)
              + segment.log(row));
    }
    return String.join("\n", lines);
  }

  private static String describe(Exponential histogram) {
    return "scale %d count %d sum %s zero %d up to %s positive from %d %s negative from %d %s"
        .formatted(
            histogram.scale(),
            histogram.count(),
            histogram.sum(),
            histogram.zeroCount(),
            histogram.zeroThreshold(),
            histogram.positive().offset(),
            Arrays.toString(histogram.positive().counts()),
            histogram.negative().offset(),
            Arrays.toString(histogram.negative().counts()));
  }

  String describeMetrics(byte[] data, byte[] raw) {
    List<SeriesSamples> block = new ArrayList<>(MetricBlocks.decode(format, data));
    String points = RawMetrics.decode(raw, block).toRequest().toString();
    block.sort(Comparator.comparingLong(SeriesSamples::id));
    StringBuilder text = new StringBuilder();
    for (SeriesSamples series : block) {
      text.append(series.id()).append(' ').append(series.accumulated());
      for (int i = 0; i < series.size(); i++) {
        Exponential histogram = series.histogram(i);
        String value =
            histogram == null
                ? Long.toHexString(Double.doubleToRawLongBits(series.value(i)))
                : describe(histogram);
        text.append(' ').append(series.timeMs(i)).append('=').append(value);
      }
      text.append('\n');
    }
    return text.append(points).toString();
  }
}
