package dev.tocsin.embedded;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A PostgreSQL server as a child process, durable (fsync on), reachable on 127.0.0.1 only.
 *
 * <p>It dies with this JVM, however that ends; its data stay. All methods block and may be called
 * from any thread; they exclude each other. Closing is stopping. There is no shutdown hook: whoever
 * starts it stops it in the order that suits, and a JVM that ends without doing so ends the server
 * by a fast shutdown.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String NAME = "PostgreSQL";
  private static final long FREE_BYTES_MIN = 256L * 1024 * 1024;
  private static final long LOG_BYTES_MAX = 8L * 1024 * 1024;
  private static final Duration FORCED_STOP_LIMIT = Duration.ofSeconds(10);

  private final PostgresOptions options;
  private final DataDirectory dataDirectory;
  private final PostgresBinaries binaries;
  private final PostgresCluster cluster;
  private final Confinement confinement;
  private final int port;
  private final String password;
  private volatile ChildProcess child;

  private EmbeddedPostgres(
      PostgresOptions options, DataDirectory dataDirectory, Confinement confinement) {
    this.options = options;
    this.dataDirectory = dataDirectory;
    this.confinement = confinement;
    this.binaries = PostgresBinaries.in(options.binariesDirectory(), options.progress());
    this.cluster = new PostgresCluster(dataDirectory.path(), binaries, confinement);
    this.port = options.port() == 0 ? Ports.free() : options.port();
    awaitPreviousOwner();
    Ports.requireFree("PostgreSQL port", port);
    cluster.prepare(options.progress());
    this.password = cluster.password();
    this.child = launch();
  }

  /**
   * Prepares the data directory when it is new, starts the server and returns when it accepts
   * connections.
   *
   * @throws EmbeddedException when it cannot be started; nothing is left running then
   */
  public static EmbeddedPostgres start(PostgresOptions options) {
    return start(options, Confinement.unprivileged("INT"));
  }

  static EmbeddedPostgres start(PostgresOptions options, Confinement confinement) {
    return start(options, confinement, acquire(options));
  }

  /** Takes the directory over: closes it at {@link #stop} and when the start fails. */
  static EmbeddedPostgres start(
      PostgresOptions options, Confinement confinement, DataDirectory directory) {
    try {
      return new EmbeddedPostgres(options, directory, confinement);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  static DataDirectory acquire(PostgresOptions options) {
    return DataDirectory.acquire(NAME, options.dataDirectory(), FREE_BYTES_MIN);
  }

  /** Always {@code 127.0.0.1}. */
  public String host() {
    return Ports.HOST;
  }

  /** The same over restarts of this instance. */
  public int port() {
    return port;
  }

  /** The superuser, owner of {@link #database()}. */
  public String user() {
    return PostgresCluster.USER;
  }

  /** Random per data directory; kept there in a file that only its owner can read. */
  public String password() {
    return password;
  }

  /** The database made for us; {@code postgres} is there as well. */
  public String database() {
    return PostgresCluster.DATABASE;
  }

  /** For example {@code 18.4}. */
  public String version() {
    return binaries.version();
  }

  /** The pid of the current or last run. */
  public long pid() {
    return child.pid();
  }

  public boolean isRunning() {
    return child.isAlive();
  }

  /** Completes when the current run ends, on a thread that must not be blocked. */
  public CompletableFuture<ServerExit> onExit() {
    return child.exit();
  }

  /** Fast shutdown (sessions are cut off, everything is written); forced when it takes too long. */
  public synchronized void stop() {
    if (child.isAlive()) {
      child.signal("INT");
      if (!child.awaitExit(options.stopLimit())) {
        child.signal("QUIT");
        if (!child.awaitExit(FORCED_STOP_LIMIT)) {
          killAll();
        }
      }
    }
    dataDirectory.close();
  }

  /** SIGKILL, as a crash would: the next start recovers. Returns when every process is gone. */
  public synchronized void kill() {
    killAll();
  }

  /** Stops if needed and starts again on the same port and data. */
  public synchronized void restart() {
    stop();
    dataDirectory.reacquire();
    awaitPreviousOwner();
    Ports.requireFree("PostgreSQL port", port);
    child = launch();
  }

  @Override
  public void close() {
    stop();
  }

  private void killAll() {
    List<ProcessHandle> sessions =
        ProcessHandle.of(child.pid()).stream().flatMap(ProcessHandle::descendants).toList();
    child.kill();
    // They would notice by themselves, but until then they hold the shared memory.
    sessions.forEach(ProcessHandle::destroyForcibly);
    if (!child.awaitExit(FORCED_STOP_LIMIT)) {
      throw new EmbeddedException("PostgreSQL: process " + child.pid() + " cannot be killed");
    }
    sessions.forEach(session -> Commands.awaitEnd(session, FORCED_STOP_LIMIT));
  }

  private ChildProcess launch() {
    options.progress().stage("starting PostgreSQL " + binaries.version());
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    ProcessBuilder builder =
        new ProcessBuilder(confinement.wrap(command()))
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    builder.environment().put("LC_ALL", "C");
    ChildProcess started =
        ChildProcess.start(
            NAME,
            builder,
            ChildLog.open(options.logFile(), LOG_BYTES_MAX),
            line -> {
              if (line.contains("database system is ready to accept connections")) {
                ready.complete(true);
              } else if (line.contains("automatic recovery in progress")) {
                options.progress().stage("recovering the database");
              }
            });
    new ServerPid(dataDirectory.path()).note(started.pid());
    if (!confinement.diesWithParent()) {
      ParentWatch watch = ParentWatch.over(started.pid(), "INT");
      var unused = started.exit().thenRun(watch::close);
    }
    awaitReady(started, ready);
    return started;
  }

  private void awaitReady(ChildProcess started, CompletableFuture<Boolean> ready) {
    CompletableFuture<ServerExit> exit = started.exit();
    try {
      Object first =
          CompletableFuture.anyOf(ready, exit)
              .get(options.startLimit().toMillis(), TimeUnit.MILLISECONDS);
      if (first instanceof ServerExit ended) {
        throw PostgresFailure.of(ended, options, port);
      }
    } catch (TimeoutException e) {
      started.kill();
      throw new EmbeddedException(
          "PostgreSQL: not ready after %d s; log: %s; last lines:%n%s"
              .formatted(
                  options.startLimit().toSeconds(),
                  options.logFile(),
                  String.join(System.lineSeparator(), started.lastLines())),
          e);
    } catch (ExecutionException e) {
      throw new EmbeddedException("PostgreSQL: waiting for its start failed", e);
    } catch (InterruptedException e) {
      started.kill();
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while PostgreSQL was starting", e);
    }
  }

  // When our own parent was killed, the previous server may still be writing its last checkpoint.
  private void awaitPreviousOwner() {
    Optional<ProcessHandle> owner = cluster.liveOwner();
    if (owner.isEmpty()) {
      return;
    }
    options.progress().stage("waiting for the previous PostgreSQL to end");
    if (!Commands.awaitEnd(owner.get(), options.stopLimit())) {
      throw new EmbeddedException(
          "PostgreSQL data directory: %s (in use by the running server with pid %d; expected: one owner; stop that server or choose another directory)"
              .formatted(cluster.directory(), owner.get().pid()));
    }
    if (owner.get().isAlive()) {
      // Ended but never reaped, as under an init that does not care: PostgreSQL would take it for
      // a live server.
      cluster.forgetOwner();
    }
  }

  private List<String> command() {
    Map<String, String> settings = new TreeMap<>(PostgresDefaults.SETTINGS);
    settings.putAll(options.settings());
    settings.put("listen_addresses", Ports.HOST);
    settings.put("port", Integer.toString(port));
    List<String> command = new ArrayList<>();
    command.add(binaries.postgres());
    command.add("-D");
    command.add(cluster.directory().toString());
    settings.forEach(
        (name, value) -> {
          command.add("-c");
          command.add(name + "=" + value);
        });
    return command;
  }
}
