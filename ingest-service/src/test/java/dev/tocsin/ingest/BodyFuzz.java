package dev.tocsin.ingest;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.body.Compressed;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.json.JsonTranscoder;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.OtlpPart;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.OtlpSplit;
import dev.tocsin.otlp.wire.OtlpSplitter;
import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Damaged bodies through the whole preparation: JSON or protobuf, compressed in any way or not.
 * Whatever comes, it is refused, or becomes records that protobuf can parse, none over the limit,
 * with every item either in one of them or counted as rejected, and nothing faulty left in them. As
 * a program it runs for the given seconds (default 60) and prints the seed of a failure.
 */
final class BodyFuzz {
  private static final int RECORD_BYTES_MAX = 700;
  private static final List<String> EXAMPLES = List.of("traces", "metrics", "logs", "events");
  private static final Compressed[] FORMS = Compressed.values();

  private final Inflater inflater = new Inflater(1 << 20, 200);
  private final JsonTranscoder transcoder = new JsonTranscoder(1 << 20);
  private int taken;
  private int refused;

  public static void main(String[] args) throws IOException {
    long seconds = args.length > 0 ? Long.parseLong(args[0]) : 60;
    long first = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
    long end = System.nanoTime() + seconds * 1_000_000_000;
    BodyFuzz fuzz = new BodyFuzz();
    for (long seed = first; System.nanoTime() < end; seed++) {
      try {
        fuzz.round(seed);
      } catch (RuntimeException | Error e) {
        throw new IllegalStateException("seed " + seed, e);
      }
    }
    System.out.printf("taken: %d, refused: %d%n", fuzz.taken, fuzz.refused);
  }

  int taken() {
    return taken;
  }

  int refused() {
    return refused;
  }

  /** One body, which the seed decides. */
  void round(long seed) throws IOException {
    Random random = new Random(seed);
    String example = EXAMPLES.get(random.nextInt(EXAMPLES.size()));
    Signal signal =
        switch (example) {
          case "traces" -> Signal.TRACES;
          case "metrics" -> Signal.METRICS;
          default -> Signal.LOGS;
        };
    byte[] body = read(example);
    boolean json = random.nextInt(3) == 0;
    try {
      if (!json) {
        body = transcoder.transcode(signal, body, Allowance.UNLIMITED).request();
      }
      body = damage(random, body, 3);
      if (random.nextBoolean()) {
        Compressed form = FORMS[random.nextInt(FORMS.length)];
        body = damage(random, form.of(body), random.nextInt(3) == 0 ? 2 : 0);
        body = inflater.inflate(form.encoding(), body, Allowance.UNLIMITED);
      }
      if (json) {
        body = transcoder.transcode(signal, body, Allowance.UNLIMITED).request();
      }
      check(signal, OtlpScanner.scan(signal, body), 1 + random.nextInt(4));
      taken++;
    } catch (RefusedException | MalformedOtlpException e) {
      refused++;
    }
  }

  private static byte[] damage(Random random, byte[] body, int most) {
    byte[] damaged = body.clone();
    for (int i = most == 0 ? 0 : random.nextInt(most + 1); i > 0 && damaged.length > 1; i--) {
      int at = random.nextInt(damaged.length);
      int count = random.nextInt(Math.min(40, damaged.length - at));
      switch (random.nextInt(4)) {
        case 0 -> damaged = Arrays.copyOf(damaged, damaged.length - count);
        case 1 ->
            System.arraycopy(damaged, random.nextInt(damaged.length - count), damaged, at, count);
        case 2 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        default -> damaged[at] = (byte) random.nextInt(256);
      }
    }
    return damaged;
  }

  private static void check(Signal signal, OtlpRequest request, int partitions) {
    OtlpSplit split = OtlpSplitter.split(request, partitions, RECORD_BYTES_MAX);
    require(split.accepted() + split.rejectedItems() == request.items(), "items are lost");
    for (OtlpPart part : split.parts()) {
      require(part.value().length <= RECORD_BYTES_MAX, "a record over the limit");
      OtlpRequest again = OtlpScanner.scan(signal, part.value());
      require(again.items() == part.items(), "a record with other items than it says");
      require(again.rejected().isEmpty(), "faulty items left in a record");
      require(parses(signal, part.value()), "a record that cannot be parsed");
    }
    for (Rejection rejection : split.rejected().keySet()) {
      require(
          rejection == Rejection.ITEM_TOO_LARGE || request.rejected().containsKey(rejection),
          "a rejection from nowhere");
    }
  }

  private static boolean parses(Signal signal, byte[] bytes) {
    try {
      return switch (signal) {
        case TRACES -> ExportTraceServiceRequest.parseFrom(bytes).isInitialized();
        case METRICS -> ExportMetricsServiceRequest.parseFrom(bytes).isInitialized();
        case LOGS -> ExportLogsServiceRequest.parseFrom(bytes).isInitialized();
        case PROFILES -> ExportProfilesServiceRequest.parseFrom(bytes).isInitialized();
      };
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in = BodyFuzz.class.getResourceAsStream("/otlp/" + name + ".json")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }
}
