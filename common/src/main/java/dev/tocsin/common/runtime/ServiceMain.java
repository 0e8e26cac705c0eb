package dev.tocsin.common.runtime;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.telemetry.ProcessMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one service alone: {@code [--config FILE] [--check-config]}. Exit codes: that of the signal
 * after an orderly stop (143 for TERM), 1 when the service could not start, 2 for bad arguments or
 * configuration, 3 when an Error has ended one of its threads or memory was out.
 */
public final class ServiceMain<C> {
  private static final long STOP_TIMEOUT_SECONDS = 30;

  private final String name;
  private final Function<Settings, C> configReader;
  private final BiFunction<C, ServiceContext, ? extends Service> factory;

  public ServiceMain(
      String name,
      Function<Settings, C> configReader,
      BiFunction<C, ServiceContext, ? extends Service> factory) {
    this.name = name;
    this.configReader = configReader;
    this.factory = factory;
  }

  /** Never returns normally before the service has been told to stop; ends the JVM on failure. */
  public void run(String... args) {
    C config = configure(args);
    PrometheusMeterRegistry metrics = ProcessMetrics.registry(name);
    Vertx vertx = VertxFactory.create(metrics);
    Service service =
        factory.apply(config, new ServiceContext(vertx, metrics, InstantSource.system()));
    Logger log = LoggerFactory.getLogger(name);
    new FatalErrors(line -> System.err.println(name + ": " + line), ServiceMain::exit).install();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(log, service, vertx), "stop"));
    log.info("{} starting", name);
    service
        .start()
        .onSuccess(v -> log.info("{} ready: {}", name, service.endpoints()))
        .onFailure(
            e -> {
              log.error("{} cannot start: {}", name, FailureText.of(e), e);
              exit(1);
            });
  }

  /** Waits for the shutdown hook, which may need the caller's event loop: so on its own thread. */
  private static void exit(int code) {
    new Thread(() -> System.exit(code), "exit").start();
  }

  private C configure(String... args) {
    try {
      Settings settings = Settings.load(configPath(List.of(args)), System.getenv(), Map.of());
      C config = configReader.apply(settings);
      settings.verify();
      settings.warnings().forEach(warning -> System.err.println(name + ": warning: " + warning));
      if (List.of(args).contains("--check-config")) {
        System.out.println("configuration OK");
        System.exit(0);
      }
      return config;
    } catch (ConfigException e) {
      e.problems().forEach(problem -> System.err.println(name + ": " + problem));
      System.exit(2);
      throw e;
    }
  }

  private static @Nullable Path configPath(List<String> args) {
    int index = args.indexOf("--config");
    for (String arg : args) {
      if (arg.startsWith("--") && !List.of("--config", "--check-config").contains(arg)) {
        throw new ConfigException(
            List.of("unknown argument " + arg + " (expected: --config FILE, --check-config)"));
      }
    }
    if (index < 0) {
      return null;
    }
    if (index + 1 >= args.size()) {
      throw new ConfigException(List.of("--config (expected: a file name after it)"));
    }
    return Path.of(args.get(index + 1));
  }

  private static void stop(Logger log, Service service, Vertx vertx) {
    try {
      service
          .stop()
          .eventually(vertx::close)
          .toCompletionStage()
          .toCompletableFuture()
          .get(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      log.info("{} stopped", service.name());
    } catch (Exception e) {
      log.warn("{} did not stop in {} s: {}", service.name(), STOP_TIMEOUT_SECONDS, e.toString());
    }
  }
}
