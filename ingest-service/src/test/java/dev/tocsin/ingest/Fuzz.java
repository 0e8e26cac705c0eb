package dev.tocsin.ingest;

import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.testkit.Backends;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongPredicate;

/**
 * Damaged requests of all signals, formats and encodings against the real service, over real
 * connections. As a program: {@code Fuzz SECONDS SEED}; it ends with 1 when an answer was not
 * OTLP's, and prints the seed of each such request, for {@link FuzzRequest#of}.
 */
final class Fuzz {
  private static final int IN_FLIGHT = 32;
  private static final int PROBLEMS_MAX = 20;

  private final FuzzClient client;
  private final Semaphore places = new Semaphore(IN_FLIGHT);
  private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();

  Fuzz(RunningIngest ingest) {
    client = new FuzzClient(ingest);
  }

  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("arguments: SECONDS SEED");
      System.exit(2);
    }
    try (EmbeddedKafka kafka = Backends.dedicatedKafka();
        RunningIngest ingest = RunningIngest.start(kafka.bootstrapServers(), Map.of())) {
      Fuzz fuzz = new Fuzz(ingest);
      long end = System.nanoTime() + Duration.ofSeconds(Long.parseLong(args[0])).toNanos();
      fuzz.run(Long.parseLong(args[1]), sent -> System.nanoTime() < end);
      fuzz.problems().forEach(System.out::println);
      System.out.println(fuzz.answers());
      System.exit(fuzz.problems().isEmpty() ? 0 : 1);
    }
  }

  /**
   * Sends until told to stop, some at a time, and returns when all are answered.
   *
   * @param more whether to go on, by the number sent so far
   */
  void run(long seed, LongPredicate more) throws InterruptedException {
    var seeds = new SplittableRandom(seed);
    for (long sent = 0; more.test(sent) && problems.size() < PROBLEMS_MAX; sent++) {
      FuzzRequest request = FuzzRequest.of(seeds.nextLong());
      places.acquire();
      client
          .send(request)
          .onSuccess(answer -> answers.computeIfAbsent(answer, k -> new LongAdder()).increment())
          .onFailure(failure -> problems.add(request + ": " + failure))
          .onComplete(done -> places.release());
    }
    places.acquire(IN_FLIGHT);
    places.release(IN_FLIGHT);
  }

  /** How often each answer came. */
  Map<String, LongAdder> answers() {
    return new TreeMap<>(answers);
  }

  /** Requests whose answer was none of OTLP's, or did not come; at most some twenty. */
  List<String> problems() {
    return List.copyOf(problems);
  }
}
