package dev.tocsin.common.http;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the certificates of listeners as new as their files: looks at the files every {@code
 * reload_interval}, and hands changed ones on once they are proved good. Connections that are open
 * stay as they are. Bad files change nothing and make the health degraded until they are mended;
 * bad files at the start fail it. Thread-safe.
 */
public final class TlsReloader implements Component {
  private static final Logger log = LoggerFactory.getLogger(TlsReloader.class);
  private static final Duration EXPIRY_WARNING = Duration.ofDays(7);

  private final Vertx vertx;
  private final InstantSource clock;
  private final TlsSettings settings;
  private final List<Function<ServerSSLOptions, Future<?>>> listeners =
      new CopyOnWriteArrayList<>();
  private volatile @Nullable TlsMaterial current;
  private volatile String problem = "";
  private volatile long timer = -1;

  public TlsReloader(ServiceContext context, TlsSettings settings) {
    this.vertx = context.vertx();
    this.clock = context.clock();
    this.settings = settings;
  }

  @Override
  public String name() {
    return "tls";
  }

  /** Does nothing where TLS is off. */
  @Override
  public Future<Void> start() {
    if (!settings.enabled()) {
      return Future.succeededFuture();
    }
    return load()
        .onSuccess(
            first -> {
              current = first;
              log.info("TLS certificate of {} until {}", first.subject(), first.expiresAt());
              timer = vertx.setPeriodic(settings.reloadMs(), id -> look());
            })
        .recover(e -> Future.failedFuture(new IllegalStateException("TLS: " + e.getMessage(), e)))
        .mapEmpty();
  }

  /**
   * What a listener starts with; after {@link #start} only.
   *
   * @throws IllegalStateException where TLS is off or nothing is loaded yet
   */
  public ServerSSLOptions options() {
    TlsMaterial loaded = current;
    if (loaded == null) {
      throw new IllegalStateException("no TLS certificate is loaded");
    }
    return loaded.options().copy();
  }

  /** Has new certificates handed on, such as to {@code HttpServer::updateSSLOptions}. */
  public void onChange(Function<ServerSSLOptions, Future<?>> listener) {
    listeners.add(listener);
  }

  /** Looks at the files now; completes when every listener has what there is to have. */
  Future<Void> look() {
    return load()
        .compose(this::apply)
        .onSuccess(ignored -> problem = "")
        .recover(
            e -> {
              String text = "TLS: " + e.getMessage() + "; the certificate loaded before is kept";
              if (!text.equals(problem)) {
                log.warn("{}", text);
              }
              problem = text;
              return Future.succeededFuture();
            });
  }

  private Future<Void> apply(TlsMaterial loaded) {
    TlsMaterial before = current;
    if (before != null && before.content().equals(loaded.content())) {
      return Future.succeededFuture();
    }
    List<Future<?>> applied = new ArrayList<>();
    listeners.forEach(listener -> applied.add(listener.apply(loaded.options().copy())));
    return Future.all(applied)
        .onSuccess(
            ignored -> {
              current = loaded;
              log.info("TLS certificate of {} until {}", loaded.subject(), loaded.expiresAt());
            })
        .mapEmpty();
  }

  private Future<TlsMaterial> load() {
    TlsMaterial before = current;
    // Reading and proving blocks.
    return vertx.executeBlocking(
        () -> {
          TlsMaterial.Content content = TlsMaterial.read(settings);
          return before != null && before.content().equals(content)
              ? before
              : TlsMaterial.of(vertx, settings, content, clock.instant());
        },
        false);
  }

  @Override
  public Future<Void> stop() {
    boolean unused = vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }

  @Override
  public Future<Health> check() {
    TlsMaterial loaded = current;
    Health health = problem.isEmpty() ? Health.healthy() : Health.degraded(problem);
    Instant now = clock.instant();
    if (loaded != null && loaded.expiresAt().isBefore(now.plus(EXPIRY_WARNING))) {
      health =
          health.and(
              Health.degraded(
                  "TLS: the certificate "
                      + (loaded.expiresAt().isBefore(now) ? "expired at " : "expires at ")
                      + loaded.expiresAt()));
    }
    return Future.succeededFuture(health);
  }
}
