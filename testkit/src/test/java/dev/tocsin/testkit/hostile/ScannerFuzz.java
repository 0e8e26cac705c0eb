package dev.tocsin.testkit.hostile;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.OtlpPart;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.OtlpSplitter;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.corpus.LogCorpus;
import dev.tocsin.testkit.corpus.MetricCorpus;
import dev.tocsin.testkit.corpus.SpanCorpus;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Damaged requests to the scanner and to the generated parser: both must take them, with as many
 * items, or neither; and what the splitter makes of them the parser must take. As a program: {@code
 * ScannerFuzz MINUTES SEED} goes on for so long and prints each disagreement with its seed and
 * bytes; it ends with 1 when there was any.
 */
final class ScannerFuzz {
  private static final long SECOND = 1_000_000_000;
  private static final List<Signal> SIGNALS = List.of(Signal.values());
  private static final int DAMAGES_MAX = 3;
  private static final int FINDINGS_MAX = 20;

  private final Map<Signal, List<byte[]>> corpus = new EnumMap<>(Signal.class);
  private final List<String> findings = new ArrayList<>();
  private long taken;
  private long refused;

  ScannerFuzz() {
    var spans = new SpanCorpus(1, 8, SECOND, SECOND);
    var metrics = new MetricCorpus(1, 1, SECOND);
    var logs = new LogCorpus(1, 5, SECOND, SECOND);
    corpus.put(Signal.TRACES, new ArrayList<>(List.of(spans.next())));
    corpus.put(Signal.METRICS, new ArrayList<>(List.of(metrics.next())));
    corpus.put(Signal.LOGS, new ArrayList<>(List.of(logs.next())));
    corpus.put(Signal.PROFILES, new ArrayList<>());
    for (Signal signal : Signal.values()) {
      for (int seed = 0; seed < 20; seed++) {
        var random = new SplittableRandom(seed);
        corpus.get(signal).add(new RandomMessages(random, SECOND).request(signal).toByteArray());
      }
    }
  }

  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("arguments: MINUTES SEED");
      System.exit(2);
    }
    ScannerFuzz fuzz = new ScannerFuzz();
    long end = System.nanoTime() + Long.parseLong(args[0]) * 60 * SECOND;
    var seeds = new SplittableRandom(Long.parseLong(args[1]));
    while (System.nanoTime() < end && fuzz.findings().size() < FINDINGS_MAX) {
      fuzz.round(seeds.nextLong());
    }
    fuzz.findings().forEach(System.out::println);
    System.out.printf("taken: %d, refused: %d%n", fuzz.taken, fuzz.refused);
    System.exit(fuzz.findings().isEmpty() ? 0 : 1);
  }

  /** Disagreements so far. */
  List<String> findings() {
    return findings;
  }

  /** Requests that both took. */
  long taken() {
    return taken;
  }

  /** Requests that neither took. */
  long refused() {
    return refused;
  }

  /** One request, which the seed decides. */
  void round(long seed) {
    var random = new SplittableRandom(seed);
    Signal signal = SIGNALS.get(random.nextInt(SIGNALS.size()));
    byte[] body = body(signal, random);
    String finding = compare(signal, body, 1 + random.nextInt(4));
    if (finding != null) {
      findings.add(
          "seed %d: %s: %s: %s"
              .formatted(seed, signal.label(), finding, HexFormat.of().formatHex(body)));
    }
  }

  private byte[] body(Signal signal, SplittableRandom random) {
    if (random.nextInt(50) == 0) {
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      return noise;
    }
    List<byte[]> requests = corpus.get(signal);
    byte[] body = requests.get(random.nextInt(requests.size()));
    var damage = new WireDamage(random);
    for (int i = 1 + random.nextInt(DAMAGES_MAX); i > 0; i--) {
      body = damage.damage(body);
    }
    return body;
  }

  /** What they disagree about, or null. */
  @Nullable String compare(Signal signal, byte[] body, int partitions) {
    OtlpRequest request;
    try {
      request = OtlpScanner.scan(signal, body);
    } catch (MalformedOtlpException refusal) {
      refused++;
      return items(signal, body) < 0
          ? null
          : "only the scanner refuses it: " + refusal.getMessage();
    }
    taken++;
    int items = items(signal, body);
    if (items != request.items()) {
      return "the scanner counts " + request.items() + " items, the parser " + items;
    }
    int recordBytesMax = Math.max(200, body.length / 2);
    var split = OtlpSplitter.split(request, partitions, recordBytesMax);
    for (OtlpPart part : split.parts()) {
      if (items(signal, part.value()) != part.items()) {
        return "the parser does not find " + part.items() + " items in a part";
      }
    }
    return split.accepted() + split.rejectedItems() == items ? null : "items lost by splitting";
  }

  /** Items the parser finds; below 0 when it refuses the request. */
  private static int items(Signal signal, byte[] body) {
    try {
      return Requests.items(Requests.parse(signal, body));
    } catch (InvalidProtocolBufferException malformed) {
      return -1;
    }
  }
}
