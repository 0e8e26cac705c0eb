package dev.tocsin.incident.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.common.postgres.PostgresFailures;
import dev.tocsin.incident.Alerts;
import dev.tocsin.incident.Database;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.AlertIntake.Position;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.Outbox;
import dev.tocsin.incident.ports.Outbox.Claim;
import dev.tocsin.incident.ports.Outcome.Reason;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The store and the outbox against a real PostgreSQL. */
class OutboxIT {
  private static final Duration LEASE = Duration.ofSeconds(60);

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = Backends.freshDatabase("outbox");
  private IncidentDatabase database;
  private IncidentStore store;
  private AlertIntake intake;
  private Outbox outbox;
  private long offset;

  @BeforeEach
  void start() throws Exception {
    database = IncidentDatabase.create(vertx, server.settings());
    get(database.connections().start());
    IncidentDatabase.Stores stores =
        database.stores(
            EscalationPolicy.climbing(List.of("slack", "email"), Duration.ofMinutes(5)),
            Map.of("slack", List.of(""), "email", List.of("a@x.org", "b@x.org")));
    store = stores.incidents();
    intake = stores.intake();
    outbox = database.outbox();
    get(intake.resume(0, Resume.Point.NONE, new Resume(Resume.Point.NONE, List.of())));
    assertThat(kept()).isZero();
  }

  @AfterEach
  void stop() throws Exception {
    get(database.connections().stop());
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private long kept() throws Exception {
    return get(intake.kept(0)).point().offset();
  }

  private long open(String fingerprint) throws Exception {
    return take(Alerts.firing(fingerprint)).incident().id();
  }

  private IncidentStore.Change take(AlertEvent event) throws Exception {
    return get(intake.alert(new Position(0, offset, ++offset), event));
  }

  private List<Claim> claim(String channel) throws Exception {
    return get(outbox.claim(channel, 10, LEASE));
  }

  private void clock(Duration ahead) {
    Backends.execute(
        server,
        """
        create or replace function incident.current_instant() returns timestamptz
          language sql stable parallel safe
          as 'select clock_timestamp() + interval ''%d seconds'''"""
            .formatted(ahead.toSeconds()));
  }

  private long count(String sql) {
    return Database.count(server, "select count(*) from incident." + sql);
  }

  @Test
  void claim_isTakenOverWithTheSameId_whenItsHolderDied() throws Exception {
    open("crash");
    Claim lost = claim("slack").get(0);
    assertThat(claim("slack")).isEmpty();

    clock(LEASE.plusSeconds(1));
    Claim again = claim("slack").get(0);
    assertThat(again.message().notificationId()).isEqualTo(lost.message().notificationId());
    assertThat(again.message().incident().key()).isEqualTo(lost.message().incident().key());
    assertThat(again.attempt()).isEqualTo(2);

    assertThat(get(outbox.accepted(again, "slack", "ok"))).isTrue();
    // The one thought dead speaks up: its attempt is noted, the state is not touched.
    assertThat(get(outbox.dead(lost, "slack", Reason.REJECTED, "late"))).isFalse();
    assertThat(
            Database.texts(
                server, "select state from incident.notification where channel = 'slack'"))
        .containsExactly("accepted");
    assertThat(
            Database.texts(
                server, "select outcome from incident.attempt order by notification_id, number"))
        .containsExactly("rejected", "accepted");
  }

  @Test
  void claims_areSharedOut_neverTwice() throws Exception {
    for (int i = 0; i < 40; i++) {
      open("shared-" + i);
    }
    List<Future<List<Claim>>> claimers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      claimers.add(outbox.claim("slack", 10, LEASE));
    }
    List<Long> ids = new ArrayList<>();
    for (Future<List<Claim>> claimer : claimers) {
      get(claimer).forEach(claim -> ids.add(claim.message().notificationId()));
    }
    // A claimer that found rows locked by another may have come away with fewer.
    claim("slack").forEach(claim -> ids.add(claim.message().notificationId()));
    claim("slack").forEach(claim -> ids.add(claim.message().notificationId()));
    claim("slack").forEach(claim -> ids.add(claim.message().notificationId()));
    claim("slack").forEach(claim -> ids.add(claim.message().notificationId()));
    assertThat(ids).hasSize(40).doesNotHaveDuplicates();
  }

  @Test
  void updates_waitForThePageBeforeThem() throws Exception {
    long id = open("order");
    Claim page = claim("slack").get(0);
    get(store.acknowledge(id, "Ada", ""));
    assertThat(claim("slack")).isEmpty();
    assertThat(get(outbox.accepted(page, "slack", "ok"))).isTrue();
    Claim update = claim("slack").get(0);
    assertThat(update.message().transition()).isEqualTo(Transition.ACKNOWLEDGED);
    assertThat(update.paged()).isTrue();
  }

  @Test
  void deferral_isNoAttempt() throws Exception {
    open("deferred");
    Claim claim = claim("slack").get(0);
    assertThat(get(outbox.deferred(claim, Reason.THROTTLED, Duration.ofSeconds(30)))).isTrue();
    assertThat(claim("slack")).isEmpty();
    assertThat(count("attempt")).isZero();
    assertThat(get(outbox.backlog("slack")).untilNext().orElseThrow())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(31));
    clock(Duration.ofSeconds(31));
    assertThat(claim("slack").get(0).attempt()).isEqualTo(1);
  }

  @Test
  void replay_writesNothing() throws Exception {
    open("first");
    Position stale = new Position(0, 0, 1);
    assertThatThrownBy(() -> get(intake.alert(stale, Alerts.firing("zombie"))))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(AlertIntake.FencedException.class);
    assertThat(count("incident")).isEqualTo(1);
    assertThat(count("alert_event")).isEqualTo(1);
    assertThat(kept()).isEqualTo(1);
    // The same event under a new offset is a repetition.
    assertThat(take(Alerts.firing("first")).transitions()).isEmpty();
    assertThat(count("notification where channel = 'slack'")).isEqualTo(1);
  }

  @Test
  void unstorableEvent_isToldApart_andWritesNothing() throws Exception {
    Backends.execute(
        server,
        """
        create function incident.refuse() returns trigger language plpgsql as $$
          begin raise exception 'refused' using errcode = '22000'; end $$;
        create trigger refuse before insert on incident.incident
          for each row when (new.fingerprint = 'poison') execute function incident.refuse()""");
    assertThatThrownBy(() -> take(Alerts.firing("poison")))
        .satisfies(failure -> assertThat(PostgresFailures.ofData(failure)).isTrue());
    assertThat(count("incident")).isZero();
    assertThat(kept()).isZero();
  }

  @Test
  void timer_firesOnce_andPagesEachTarget() throws Exception {
    long id = open("timer");
    assertThat(get(store.fireTimer())).isEmpty();
    assertThat(get(store.untilNextTimer()).orElseThrow())
        .isBetween(Duration.ofSeconds(290), Duration.ofMinutes(5));
    clock(Duration.ofSeconds(301));
    Future<?> one = store.fireTimer();
    Future<?> two = store.fireTimer();
    get(one);
    get(two);
    assertThat(count("timer")).isZero();
    assertThat(claim("email"))
        .extracting(c -> c.message().target())
        .containsExactlyInAnyOrder("a@x.org", "b@x.org");
    assertThat(count("timeline where kind = 'escalated' and incident_id = " + id)).isEqualTo(1);
  }

  @Test
  void lockedTimer_keepsNobodyAwake() throws Exception {
    open("locked");
    clock(Duration.ofSeconds(301));
    assertThat(get(store.untilNextTimer()).orElseThrow()).isZero();
    try (var firing = Backends.connect(server)) {
      firing.setAutoCommit(false);
      firing.createStatement().execute("select * from incident.timer for update");
      assertThat(get(store.fireTimer())).isEmpty();
      assertThat(get(store.untilNextTimer()).orElseThrow()).isPositive();
      firing.rollback();
    }
    assertThat(get(store.untilNextTimer()).orElseThrow()).isZero();
    assertThat(get(store.fireTimer())).isPresent();
    assertThat(get(store.untilNextTimer())).isEmpty();
  }

  @Test
  void heldBack_keepsItsPlace_andHoldsBackWhatIsYounger() throws Exception {
    open("first");
    open("second");
    List<Claim> both = claim("slack");
    assertThat(get(outbox.deferred(both.get(0), Reason.THROTTLED, Duration.ofSeconds(30))))
        .isTrue();
    assertThat(get(outbox.deferred(both.get(1), Reason.THROTTLED, Duration.ZERO))).isTrue();
    open("third");
    assertThat(claim("slack")).isEmpty();
    assertThat(get(outbox.backlog("slack")).untilNext().orElseThrow())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(31));
    clock(Duration.ofSeconds(31));
    List<Claim> all = claim("slack");
    assertThat(all)
        .extracting(c -> c.message().incident().fingerprint())
        .containsExactly("first", "second", "third");
    // A destination that asks for a pause gets one, and then the same order.
    assertThat(get(outbox.retry(all.get(0), Reason.RATE_LIMITED, "429", Duration.ofSeconds(60))))
        .isTrue();
    assertThat(get(outbox.retry(all.get(1), Reason.NETWORK, "reset", Duration.ZERO))).isTrue();
    assertThat(claim("slack")).isEmpty();
    clock(Duration.ofSeconds(92));
    assertThat(claim("slack"))
        .extracting(c -> c.message().incident().fingerprint())
        .startsWith("first", "second");
  }

  @Test
  void timer_firesAfterItsWait_whenTheClockWasSetBack() throws Exception {
    clock(Duration.ofHours(5));
    open("before");
    clock(Duration.ZERO);
    assertThat(get(store.fireTimer())).isEmpty();
    assertThat(get(store.untilNextTimer()).orElseThrow())
        .isBetween(Duration.ofSeconds(290), Duration.ofMinutes(5));
    clock(Duration.ofSeconds(290));
    assertThat(get(store.untilNextTimer()).orElseThrow()).isPositive();
    assertThat(get(store.fireTimer())).isEmpty();
    clock(Duration.ofSeconds(301));
    assertThat(get(store.fireTimer())).isPresent();
    assertThat(get(store.untilNextTimer())).isEmpty();
  }

  @Test
  void notifications_areDueAfterTheirWait_whenTheClockWasSetBack() throws Exception {
    clock(Duration.ofHours(5));
    open("retried");
    open("leased");
    open("waiting");
    List<Claim> early = get(outbox.claim("slack", 2, LEASE));
    Duration wait = Duration.ofSeconds(30);
    assertThat(get(outbox.retry(early.get(0), Reason.NETWORK, "reset", wait))).isTrue();
    clock(Duration.ZERO);
    assertThat(get(outbox.backlog("slack")).untilNext().orElseThrow())
        .isLessThanOrEqualTo(Duration.ofSeconds(1));
    List<Claim> waiting = claim("slack");
    assertThat(waiting)
        .extracting(c -> c.message().incident().fingerprint())
        .containsExactly("waiting");
    assertThat(get(outbox.accepted(waiting.get(0), "slack", "ok"))).isTrue();
    assertThat(get(outbox.backlog("slack")).untilNext().orElseThrow())
        .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
    clock(Duration.ofSeconds(31));
    assertThat(claim("slack"))
        .extracting(c -> c.message().incident().fingerprint())
        .containsExactly("retried");
    clock(Duration.ofSeconds(61));
    assertThat(claim("slack"))
        .extracting(c -> c.message().incident().fingerprint())
        .containsExactly("leased");
  }

  @Test
  void lastPageThatIsRefused_isTriedAgain_theOthersAreDead() throws Exception {
    open("refused");
    Claim first = claim("slack").get(0);
    Duration wait = Duration.ofSeconds(30);
    // There is a step to come.
    assertThat(get(outbox.refused(first, "slack", Reason.REJECTED, "404", wait))).isFalse();
    clock(Duration.ofSeconds(301));
    get(store.fireTimer());
    List<Claim> both = claim("email");
    List<Future<Boolean>> refused =
        both.stream()
            .map(one -> outbox.refused(one, "email", Reason.REJECTED, "550", wait))
            .toList();
    assertThat(List.of(get(refused.get(0)), get(refused.get(1))))
        .containsExactlyInAnyOrder(true, false);
    assertThat(count("notification where state = 'dead'")).isEqualTo(2);
    assertThat(count("notification where state = 'pending' and channel = 'email'")).isEqualTo(1);
    clock(Duration.ofSeconds(332));
    Claim last = claim("email").get(0);
    assertThat(last.attempt()).isEqualTo(2);
    assertThat(get(outbox.refused(last, "email", Reason.REJECTED, "550", wait))).isTrue();
    assertThat(get(outbox.dead(last, "email", Reason.REJECTED, "late"))).isFalse();
  }

  @Test
  void oldRows_areForgotten() throws Exception {
    long id = open("old");
    get(store.resolve(id, "Ada", ""));
    open("young");
    clock(Duration.ofDays(30));
    int rows = get(store.forget(Duration.ofDays(7), Duration.ofDays(7)));
    assertThat(rows).isEqualTo(3);
    assertThat(Database.texts(server, "select fingerprint from incident.incident"))
        .containsExactly("young");
  }
}
