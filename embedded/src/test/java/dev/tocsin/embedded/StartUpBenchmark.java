package dev.tocsin.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Prints how long starts and stops take, and what both servers cost when idle. Not a test: see
 * docs/design/embedded.md. Argument: seconds to watch them idle, after the same time to settle.
 */
final class StartUpBenchmark {
  private StartUpBenchmark() {}

  public static void main(String[] args) throws Exception {
    long idleMs = args.length == 0 ? 30_000 : Long.parseLong(args[0]) * 1000;
    Path directory = Files.createTempDirectory("tocsin-start-up");
    try {
      PostgresOptions postgresOptions =
          PostgresOptions.in(directory.resolve("postgres"))
              .withBinariesDirectory(directory.resolve("cache"));
      KafkaOptions kafkaOptions =
          KafkaOptions.in(directory.resolve("kafka"))
              .withCacheDirectory(directory.resolve("cache"));
      timed("PostgreSQL, first start", () -> EmbeddedPostgres.start(postgresOptions)).stop();
      EmbeddedPostgres postgres =
          timed("PostgreSQL, second start", () -> EmbeddedPostgres.start(postgresOptions));
      timed("PostgreSQL, stop and start", postgres::restart);
      timed("PostgreSQL, kill", postgres::kill);
      timed("PostgreSQL, start after kill", postgres::restart);

      EmbeddedKafka kafka = timed("Kafka, first start", () -> EmbeddedKafka.start(kafkaOptions));
      timed("Kafka, first stop (writes the class archive)", kafka::stop);
      timed("Kafka, second start", kafka::restart);
      timed("Kafka, kill", kafka::kill);
      timed("Kafka, start after kill", kafka::restart);

      Thread.sleep(idleMs);
      long postgresBefore = cpuMs(postgres.pid());
      long kafkaBefore = cpuMs(kafka.pid());
      Thread.sleep(idleMs);
      idle("PostgreSQL", postgres.pid(), cpuMs(postgres.pid()) - postgresBefore, idleMs);
      idle("Kafka", kafka.pid(), cpuMs(kafka.pid()) - kafkaBefore, idleMs);
      timed("Kafka, stop", kafka::stop);
      timed("PostgreSQL, stop", postgres::stop);
    } finally {
      DataDirectory.deleteTree(directory);
    }
  }

  private static <T> T timed(String what, Supplier<T> action) {
    long begin = System.nanoTime();
    T result = action.get();
    System.out.printf("%-46s %6d ms%n", what, (System.nanoTime() - begin) / 1_000_000);
    return result;
  }

  private static void timed(String what, Runnable action) {
    Object unused =
        timed(
            what,
            () -> {
              action.run();
              return what;
            });
  }

  private static void idle(String server, long pid, long cpuMs, long idleMs) throws Exception {
    long pssKb = 0;
    for (ProcessHandle process : processes(pid)) {
      pssKb += smapsRollup(process.pid());
    }
    System.out.printf(
        "%-46s %6d MiB (PSS), %.2f %% of a core%n",
        server + ", idle", pssKb / 1024, 100.0 * cpuMs / idleMs);
  }

  private static List<ProcessHandle> processes(long pid) {
    ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
    return Stream.concat(Stream.of(server), server.descendants()).toList();
  }

  private static long cpuMs(long pid) {
    return processes(pid).stream()
        .mapToLong(process -> process.info().totalCpuDuration().orElseThrow().toMillis())
        .sum();
  }

  private static long smapsRollup(long pid) throws Exception {
    Path file = Path.of("/proc", Long.toString(pid), "smaps_rollup");
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .sum();
    }
  }
}
