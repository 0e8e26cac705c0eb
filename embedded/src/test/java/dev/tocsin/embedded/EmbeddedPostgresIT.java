package dev.tocsin.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {
  @TempDir Path directory;

  @Test
  void start_servesADurableDatabase_onLoopbackWithAPassword() throws Exception {
    List<String> stages = new ArrayList<>();
    try (var postgres = EmbeddedPostgres.start(options().withProgress(stages::add))) {
      assertThat(stages)
          .contains("initialising the database", "starting PostgreSQL " + postgres.version());
      assertThat(query(postgres, "show fsync")).isEqualTo("on");
      assertThat(query(postgres, "show synchronous_commit")).isEqualTo("on");
      assertThat(query(postgres, "show data_checksums")).isEqualTo("on");
      assertThat(query(postgres, "show jit")).isEqualTo("off");
      assertThat(query(postgres, "show max_connections")).isEqualTo("60");
      assertThat(query(postgres, "show server_encoding")).isEqualTo("UTF8");
      assertThat(query(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(query(postgres, "select lower('ÄÖÜ') || current_user || current_database()"))
          .isEqualTo("äöütocsintocsin");
      assertThat(query(postgres, "show server_version")).startsWith(postgres.version());
      assertThatThrownBy(() -> connect(postgres, "wrong")).hasMessageContaining("password");
    }
    Path password = directory.resolve("data/password");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
        .isEqualTo("rw-------");
  }

  @Test
  void start_keepsData_overStopKillAndANewInstance() throws Exception {
    int port;
    try (var postgres = EmbeddedPostgres.start(options())) {
      port = postgres.port();
      update(postgres, "create table numbers (n int)");
      update(postgres, "insert into numbers values (1)");
      postgres.restart();
      update(postgres, "insert into numbers values (2)");
      long killed = postgres.pid();
      postgres.kill();
      assertThat(postgres.isRunning()).isFalse();
      postgres.restart();
      assertThat(postgres.pid()).isNotEqualTo(killed);
      assertThat(postgres.port()).isEqualTo(port);
      assertThat(query(postgres, "select sum(n) from numbers")).isEqualTo("3");
    }
    try (var again = EmbeddedPostgres.start(options().withSetting("shared_buffers", "32MB"))) {
      assertThat(query(again, "select sum(n) from numbers")).isEqualTo("3");
      assertThat(query(again, "show shared_buffers")).isEqualTo("32MB");
    }
  }

  @Test
  void onExit_tellsWhoEndedTheServer() throws Exception {
    try (var postgres = EmbeddedPostgres.start(options())) {
      var first = postgres.onExit();
      postgres.stop();
      postgres.stop();
      assertThat(first.get(5, TimeUnit.SECONDS).requested()).isTrue();

      postgres.restart();
      var second = postgres.onExit();
      assertThat(second).isNotDone();
      assertThat(ProcessHandle.of(postgres.pid()).orElseThrow().destroyForcibly()).isTrue();
      ServerExit exit = second.get(10, TimeUnit.SECONDS);
      assertThat(exit.requested()).isFalse();
      assertThat(exit.exitCode()).isEqualTo(128 + 9);
      assertThat(exit.describe())
          .contains("PostgreSQL was ended by signal 9", "ready to accept connections");
    }
  }

  @Test
  void start_namesThePort_whenItIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> EmbeddedPostgres.start(options().withPort(taken.getLocalPort())))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("PostgreSQL port: " + taken.getLocalPort() + " (already in use");
    }
    // Nothing was left behind: the same directory works with another port.
    EmbeddedPostgres.start(options()).stop();
  }

  @Test
  void start_namesTheDirectory_whenItCannotBeMade() throws Exception {
    Path file = Files.writeString(directory.resolve("data"), "a file");
    assertThatThrownBy(() -> EmbeddedPostgres.start(options()))
        .isInstanceOf(EmbeddedException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("expected: a directory");
  }

  @Test
  void start_refusesTheData_ofAnotherMajorVersion() throws Exception {
    Path cluster = Files.createDirectories(directory.resolve("data/cluster"));
    Files.writeString(cluster.resolve("PG_VERSION"), "12\n");
    assertThatThrownBy(() -> EmbeddedPostgres.start(options()))
        .isInstanceOf(EmbeddedException.class)
        .hasMessageContaining("made by PostgreSQL 12; expected: 18");
    Files.delete(cluster.resolve("PG_VERSION"));
    assertThatThrownBy(() -> EmbeddedPostgres.start(options()))
        .hasMessageContaining("not a PostgreSQL cluster");
    Files.writeString(directory.resolve("data/PG_VERSION"), "18\n");
    assertThatThrownBy(() -> EmbeddedPostgres.start(options()))
        .hasMessageContaining("that Tocsin did not make");
  }

  @Test
  void start_refusesADirectory_thatALiveServerOwns() throws Exception {
    try (var owner = EmbeddedPostgres.start(options())) {
      assertThatThrownBy(() -> EmbeddedPostgres.start(options()))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("in use by another running process");

      // As if the owner's parent were gone but the server were not: only PostgreSQL's own file
      // tells.
      Files.delete(directory.resolve("data/owner.lock"));
      PostgresOptions impatient = options().withStopLimit(Duration.ofMillis(200));
      assertThatThrownBy(() -> EmbeddedPostgres.start(impatient))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("in use by the running server with pid " + owner.pid());
      assertThat(query(owner, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void start_ignoresALeftoverPidFile_whosePidBelongsToSomethingElse() throws Exception {
    EmbeddedPostgres.start(options()).stop();
    Path pidFile = directory.resolve("data/cluster/postmaster.pid");
    Files.writeString(pidFile, ProcessHandle.current().pid() + "\n/somewhere\n1\n5432\n");
    EmbeddedPostgres.start(options()).stop();
    assertThat(pidFile).doesNotExist();
  }

  @Test
  void start_showsTheServersWords_whenASettingIsWrong() {
    assertThatThrownBy(() -> EmbeddedPostgres.start(options().withSetting("no_such_thing", "1")))
        .isInstanceOf(EmbeddedException.class)
        .hasMessageContaining("no_such_thing")
        .hasMessageContaining("postgres.log");
  }

  @Test
  void start_startsOver_whenAnEarlierInitialisationWasCutShort() throws Exception {
    Path unfinished = Files.createDirectories(directory.resolve("data/cluster.new/base"));
    Files.writeString(unfinished.resolve("1"), "half");
    EmbeddedPostgres.start(options()).stop();
    assertThat(directory.resolve("data/cluster.new")).doesNotExist();
  }

  @Test
  void binaries_areUnpackedOnce() throws Exception {
    Path cache = directory.resolve("cache");
    List<String> stages = new ArrayList<>();
    PostgresBinaries first = PostgresBinaries.in(cache, stages::add);
    PostgresBinaries second = PostgresBinaries.in(cache, stages::add);
    assertThat(stages).containsExactly("unpacking PostgreSQL " + first.version());
    assertThat(second.postgres()).isEqualTo(first.postgres());
    try (var left = Files.list(cache)) {
      assertThat(left).hasSize(1);
    }
  }

  private PostgresOptions options() {
    return PostgresOptions.in(directory.resolve("data"));
  }

  private static Connection connect(EmbeddedPostgres postgres, String password)
      throws SQLException {
    String url =
        "jdbc:postgresql://" + postgres.host() + ":" + postgres.port() + "/" + postgres.database();
    return DriverManager.getConnection(url, postgres.user(), password);
  }

  private static void update(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (var connection = connect(postgres, postgres.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (var connection = connect(postgres, postgres.password());
        var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
