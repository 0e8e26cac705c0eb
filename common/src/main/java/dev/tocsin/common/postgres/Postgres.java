package dev.tocsin.common.postgres;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.FailureText;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection pool of one service and the migrations of its schema. While Postgres cannot be
 * reached, {@link #start} keeps trying; after that, calls on {@link #pool} fail by themselves while
 * it is away and work again when it is back. A server that is gone without a word is away, too: a
 * call fails at the latest a few seconds after {@code statement_timeout}.
 */
public final class Postgres implements Component {
  private static final Logger log = LoggerFactory.getLogger(Postgres.class);
  private static final long RETRY_MS = 1_000;

  /** The statement that stores a batch is long, and parsing it costs more than a shorter one. */
  private static final int STATEMENT_CACHED_CHARACTERS_MAX = 32_768;

  /** Connections opened at the start: the first requests need not wait for them. */
  private static final int WARM_CONNECTIONS = 4;

  /** What the pool says, by no type of its own, when it got no connection in time. */
  private static final Set<String> POOL_TIMEOUTS =
      Set.of("Timeout", "Timeout waiting for connection");

  /** How much longer than its statement an answer may take. */
  private static final Duration ANSWER_GRACE = Duration.ofSeconds(5);

  /** Longer than our own work between two statements takes. */
  private static final Duration IDLE_IN_TRANSACTION_MIN = Duration.ofSeconds(60);

  private final Vertx vertx;
  private final PostgresSettings settings;
  private final Migrations migrations;
  private final Migrator migrator;
  private final SilenceWatch silence;
  private @Nullable Pool pool;
  private volatile boolean stopped;
  private volatile boolean reachable;
  private volatile boolean migrated;
  private volatile String problem = "not asked yet";

  public Postgres(Vertx vertx, PostgresSettings settings, Migrations migrations) {
    this.vertx = vertx;
    this.settings = settings;
    this.migrations = migrations;
    this.migrated = migrations.scripts().isEmpty();
    this.silence =
        new SilenceWatch(settings.address(), settings.statementTimeout().plus(ANSWER_GRACE));
    this.migrator = new Migrator(vertx, connectOptions(), settings.connectTimeout(), migrations);
  }

  @Override
  public String name() {
    return "postgres";
  }

  /** The pool; {@code search_path} is the service's schema. */
  public synchronized Pool pool() {
    if (pool == null) {
      pool = createPool();
    }
    return pool;
  }

  /** How a connection of this service is made, for one that must be kept (LISTEN). */
  public PgConnectOptions connectOptions() {
    PgConnectOptions connect =
        new PgConnectOptions()
            .setHost(settings.host())
            .setPort(settings.port())
            .setDatabase(settings.database())
            .setUser(settings.user())
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheSqlLimit(STATEMENT_CACHED_CHARACTERS_MAX)
            .addProperty("search_path", migrations.schema())
            .addProperty("application_name", "tocsin-" + migrations.schema())
            .addProperty("statement_timeout", settings.statementTimeout().toMillis() + "ms")
            .addProperty("jit", "off")
            // The locks of an instance that is gone, or frozen, must not hold the others up.
            .addProperty("idle_in_transaction_session_timeout", idleInTransaction() + "ms")
            .addProperty("tcp_keepalives_idle", "30")
            .addProperty("tcp_keepalives_interval", "10")
            .addProperty("tcp_keepalives_count", "3")
            .addProperty("tcp_user_timeout", "60000")
            // "already exists, skipping" is what we ask for, not news.
            .addProperty("client_min_messages", "warning");
    settings.password().ifPresent(secret -> connect.setPassword(secret.reveal()));
    return connect;
  }

  private long idleInTransaction() {
    return Math.max(IDLE_IN_TRANSACTION_MIN.toMillis(), 2 * settings.statementTimeout().toMillis());
  }

  /** Ends a connection that is kept beside the pool, too, when its server is gone. */
  public void watch(SqlConnection connection) {
    // To PostgreSQL zero means that a statement may take for ever.
    if (!settings.statementTimeout().isZero()) {
      silence.watch(connection);
    }
  }

  private Pool createPool() {
    PoolOptions options =
        new PoolOptions()
            .setMaxSize(settings.poolSize())
            .setMaxWaitQueueSize(1_000)
            .setConnectionTimeout((int) settings.connectTimeout().toMillis())
            .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout((int) settings.idleTimeout().toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setMaxLifetime((int) settings.lifetimeMax().toMillis())
            .setMaxLifetimeUnit(TimeUnit.MILLISECONDS)
            .setShared(false);
    return PgBuilder.pool()
        .with(options)
        // A server that dies while a connection is being made would hold its place for ever.
        .with(new NetClientOptions().setTcpKeepAlive(true))
        .connectingTo(connectOptions())
        .withConnectHandler(this::opened)
        .using(vertx)
        .build();
  }

  private void opened(SqlConnection connection) {
    watch(connection);
    // Hands it to the pool.
    connection.close();
  }

  @Override
  public Future<Void> start() {
    if (stopped) {
      return Future.failedFuture(new IllegalStateException("stopped while waiting for Postgres"));
    }
    return migrator
        .run()
        .onSuccess(ignored -> migrated = true)
        .compose(ignored -> warmUp())
        .onSuccess(ignored -> heard())
        .recover(
            failure -> {
              if (!problem.equals(failure.getMessage())) {
                log.warn(
                    "Postgres at {}: {}; trying again every {} ms",
                    settings.address(),
                    failure.getMessage(),
                    RETRY_MS);
              }
              problem = String.valueOf(failure.getMessage());
              Promise<Void> later = Promise.promise();
              vertx.setTimer(RETRY_MS, id -> later.complete());
              return later.future().compose(v -> start());
            });
  }

  private Future<Void> warmUp() {
    List<Future<SqlConnection>> opening = new ArrayList<>();
    for (int i = 0; i < Math.min(WARM_CONNECTIONS, settings.poolSize()); i++) {
      opening.add(pool().getConnection());
    }
    // All are held until the last is there; else one would be handed out again and again.
    return Future.join(opening)
        .eventually(
            () ->
                Future.join(
                    opening.stream()
                        .filter(Future::succeeded)
                        .map(open -> open.result().close())
                        .toList()))
        .mapEmpty();
  }

  private void heard() {
    reachable = true;
    problem = "";
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    Pool open;
    synchronized (this) {
      open = pool;
    }
    return migrator.stop().compose(done -> open == null ? Future.succeededFuture() : open.close());
  }

  @Override
  public Future<Health> check() {
    return pool()
        .query("select 1")
        .execute()
        .timeout(CHECK_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)
        .map(
            rows -> {
              reachable = true;
              return migrated ? well() : Health.degraded("Postgres: " + unfinished());
            })
        .otherwise(
            failure -> {
              reachable = false;
              return Health.degraded(
                  "Postgres at " + settings.address() + ": " + FailureText.of(failure));
            });
  }

  private Health well() {
    problem = "";
    return Health.healthy();
  }

  private String unfinished() {
    String doing = migrator.doing();
    return doing.isEmpty() ? problem : doing;
  }

  /**
   * Whether a failed call means that Postgres cannot be reached now or is stopping or starting, so
   * that the same call may work later.
   */
  public static boolean isAway(Throwable failure) {
    if (failure instanceof PgException refused) {
      String state = String.valueOf(refused.getSqlState());
      return state.startsWith("57P") || state.startsWith("08");
    }
    Throwable cause = failure.getCause();
    if (failure instanceof ExecutionException && cause != null) {
      return isAway(cause);
    }
    return failure instanceof IOException
        || failure instanceof ClosedConnectionException
        || POOL_TIMEOUTS.contains(String.valueOf(failure.getMessage()));
  }

  /** As of the last {@link #check}; not before the schema is as it should be. */
  @Override
  public boolean ready() {
    return reachable && migrated;
  }
}
