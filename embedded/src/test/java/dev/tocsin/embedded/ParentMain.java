package dev.tocsin.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Starts both servers, prints their pids and waits to be killed: see {@link ParentDeathIT}. */
final class ParentMain {
  private ParentMain() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Path cache = Path.of(args[1]);
    var postgres =
        EmbeddedPostgres.start(
            PostgresOptions.in(directory.resolve("postgres")).withBinariesDirectory(cache),
            confinement(args[2]));
    var kafka =
        EmbeddedKafka.start(KafkaOptions.in(directory.resolve("kafka")).withCacheDirectory(cache));
    System.out.println("pids " + postgres.pid() + " " + kafka.pid());
    new CountDownLatch(1).await();
  }

  private static Confinement confinement(String name) {
    return switch (name) {
      case "default" -> Confinement.unprivileged("INT");
      case "other-user" -> Confinement.asOtherUser("INT");
      case "watched" -> new Confinement(List.of("setsid", "unshare", "-U"), false, "");
      default -> throw new IllegalArgumentException(name);
    };
  }
}
