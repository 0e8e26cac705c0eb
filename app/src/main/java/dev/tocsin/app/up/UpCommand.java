package dev.tocsin.app.up;

import dev.tocsin.app.running.RunningSuite;
import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.FailureText;
import dev.tocsin.common.runtime.FatalErrors;
import dev.tocsin.embedded.EmbeddedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/**
 * {@code tocsin up}. Returns only when it could not start; after that Ctrl-C (or TERM) ends the JVM
 * by way of the shutdown hook, with exit code 0 when everything stopped in order.
 */
@Command(
    name = "up",
    description = "Run all of Tocsin on this machine, with its own Kafka and PostgreSQL.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class UpCommand implements Callable<Integer> {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_CONFIG = 2;
  private static final long STOP_SECONDS_MAX = 60;

  @Option(names = "--demo", description = "Also run a small shop that sends telemetry and breaks.")
  private boolean demo;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where everything is kept (default: ${DEFAULT-VALUE}).",
      defaultValue = "${sys:tocsin.data.dir:-${sys:user.home}/.local/share/tocsin}")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private Path dataDir;

  @Option(
      names = "--port-offset",
      paramLabel = "N",
      description = "Added to every port, to run beside others (default: ${DEFAULT-VALUE}).",
      defaultValue = "0")
  private int portOffset;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration as in tocsin.toml; TOCSIN_* environment variables override it.")
  private @Nullable Path configFile;

  @Option(
      names = "--check-config",
      description = "Only check the configuration, its rule files and destinations.")
  private boolean checkOnly;

  private final AtomicInteger exitCode = new AtomicInteger();
  private volatile boolean stopping;

  @Override
  public Integer call() throws InterruptedException {
    Terminal terminal = new Terminal(System.out, Ansi.AUTO, InstantSource.system());
    Plan plan;
    try {
      Settings checked = Plan.check(configFile, System.getenv());
      checked.warnings().forEach(warning -> complain("warning: " + warning));
      if (checkOnly) {
        terminal.lines(List.of("configuration OK"));
        return 0;
      }
      plan =
          Plan.make(
              new UpOptions(demo, dataDir, portOffset, configFile),
              System.getenv(),
              terminal::stage);
    } catch (ConfigException e) {
      e.problems().forEach(UpCommand::complain);
      return EXIT_CONFIG;
    } catch (StartFailure | EmbeddedException e) {
      complain(e.getMessage());
      return EXIT_FAILED;
    }
    Logs.toFile(plan.home().logs());
    TemporaryDirectory temporary;
    try {
      temporary = TemporaryDirectory.in(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
    } catch (IOException e) {
      complain(
          "temporary directory: %s (expected: a writable one, or another in TOCSIN_JAVA_OPTS=-Djava.io.tmpdir=DIR)"
              .formatted(FailureText.of(e)));
      return EXIT_FAILED;
    }
    // Before any library has asked for it.
    System.setProperty("java.io.tmpdir", temporary.path().toString());
    Stack stack = new Stack(plan, terminal);
    new FatalErrors(UpCommand::complain, this::exit).install();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(plan, stack, temporary, terminal), "stop"));
    try {
      stack.start().toCompletionStage().toCompletableFuture().get();
      tell(plan);
      welcome(plan, stack, terminal);
      new CountDownLatch(1).await();
    } catch (ExecutionException e) {
      if (!stopping) {
        report(e.getCause() == null ? e : e.getCause(), plan);
      }
      exitCode.set(EXIT_FAILED);
    }
    return exitCode.get();
  }

  /** On a thread of its own: the shutdown hook may need the caller's. */
  private void exit(int code) {
    exitCode.set(code);
    new Thread(() -> System.exit(code), "exit").start();
  }

  private static void report(Throwable failure, Plan plan) {
    LoggerFactory.getLogger(UpCommand.class).info("start failed", failure);
    if (failure instanceof EmbeddedException || failure instanceof ConfigException) {
      complain(FailureText.of(failure));
    } else {
      complain("cannot start: " + FailureText.of(failure) + "; details: " + plan.home().logs());
    }
  }

  /** So that other commands find this one; they can do without. */
  private static void tell(Plan plan) {
    try {
      RunningSuite.here(Map.of("kafka", "127.0.0.1:" + plan.ports().port("app.kafka_port")))
          .write(plan.home().path());
    } catch (IOException e) {
      LoggerFactory.getLogger(UpCommand.class)
          .warn("other commands will not find this one: {}", FailureText.of(e));
    }
  }

  private static void complain(@Nullable String problems) {
    String.valueOf(problems).lines().forEach(line -> System.err.println("tocsin: " + line));
  }

  private static void welcome(Plan plan, Stack stack, Terminal terminal) {
    PortPlan ports = plan.ports();
    terminal.title("Tocsin is ready (%.1f s)".formatted(terminal.elapsed().toMillis() / 1_000.0));
    Map<String, String> rows = new LinkedHashMap<>(stack.endpoints());
    rows.put("Kafka", "127.0.0.1:" + ports.port("app.kafka_port"));
    rows.put("PostgreSQL", "127.0.0.1:" + ports.port("app.postgres_port"));
    rows.put("Data and logs", plan.home().path().toString());
    terminal.table(rows);
    terminal.lines(
        List.of(
            "",
            "  Point an OpenTelemetry SDK here:",
            "    export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:"
                + ports.port("ingest.grpc_port")
                + "   # gRPC",
            "    export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:"
                + ports.port("ingest.http_port")
                + "   # HTTP, with",
            "    export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "",
            plan.demo()
                ? "  The demo shop sends traces now; its first fault begins in "
                    + plan.config().demo().faults().firstAfter().toSeconds()
                    + " s."
                : "  Nothing to send yet? Add --demo for a small shop.",
            "  Ctrl-C stops everything.",
            ""));
  }

  private void stop(Plan plan, Stack stack, TemporaryDirectory temporary, Terminal terminal) {
    stopping = true;
    long beganMs = System.currentTimeMillis();
    terminal.lines(List.of("", "stopping ..."));
    try {
      stack
          .stop()
          .toCompletionStage()
          .toCompletableFuture()
          .get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
      RunningSuite.remove(plan.home().path());
      temporary.close();
      terminal.lines(
          List.of("stopped in %.1f s".formatted((System.currentTimeMillis() - beganMs) / 1_000.0)));
    } catch (Exception e) {
      complain("not everything stopped in " + STOP_SECONDS_MAX + " s: " + FailureText.of(e));
      exitCode.set(EXIT_FAILED);
    }
    // An orderly stop that was asked for is a success (after a signal the JVM would say 130 or
    // 143).
    Runtime.getRuntime().halt(exitCode.get());
  }
}
